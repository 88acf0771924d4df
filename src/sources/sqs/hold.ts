/**
 * Keeps a batch hidden for as long as its call takes. A call can begin late (no concurrency, a full host) and end after the
 * visibility timeout: then its messages would be handled a second time beside it, and in a FIFO queue what comes after them
 * would be handled before the late call wrote its own. Only what takes long pays for it.
 */
import type { QueueMessage } from "../../queues/contract.ts";
import type { SourceQueue } from "./contract.ts";

/** ms that a call may take before the first look. No visibility timeout below twice of it can be kept. */
const FIRST_LOOK_MS = 1000;

/** Returns how it ends. Failures go to `report`: the messages come again, as without it. */
export function hold(
  queue: SourceQueue,
  messages: readonly QueueMessage[],
  report: (error: unknown) => void,
): () => void {
  let timer = setTimeout(() => void keep().catch(report), FIRST_LOOK_MS).unref();
  let ended = false;
  let hiddenFor = FIRST_LOOK_MS;

  async function keep(): Promise<void> {
    const visibility = await queue.visibilitySeconds();
    const half = (visibility * 1000) / 2;
    if (ended || half < FIRST_LOOK_MS) return;
    if (hiddenFor >= half) {
      await queue.extend?.(
        messages.map(({ receiptHandle }) => receiptHandle),
        visibility,
      );
      hiddenFor = 0;
    }
    if (ended) return;
    const pause = half - hiddenFor;
    hiddenFor = half;
    timer = setTimeout(() => void keep().catch(report), pause).unref();
  }

  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
