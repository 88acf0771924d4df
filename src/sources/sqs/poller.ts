/**
 * Polls a queue for one mapping: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html. What a call does not settle
 * stays in the queue and shows up again when its visibility timeout is over, as on AWS.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError } from "../../base/errors.ts";
import type { Invoker } from "../../invoke/contract.ts";
import type { SourceMapping, SourcePoller, StartPoller } from "../contract.ts";
import { createCounter } from "../counter.ts";
import { OK, pollingProblem } from "../problems.ts";
import type { Results } from "../results.ts";
import { chainsOf } from "./chains.ts";
import type { QueueService, SourceQueue } from "./contract.ts";
import { gather } from "./gather.ts";
import { createHandler } from "./handle.ts";
import { hold } from "./hold.ts";
import { createScaling } from "./scaling.ts";

export interface SqsSourceOptions {
  service: QueueService;
  invoker: Pick<Invoker, "invoke">;
  results: Pick<Results, "put">;
  report: (error: unknown) => void;
}

/** ms after a failure of polling, twice as long each time. */
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 60_000;

export function sqsSource(options: SqsSourceOptions): StartPoller {
  return (mapping) => startPoller(options, mapping);
}

function startPoller({ service, invoker, results, report }: SqsSourceOptions, mapping: SourceMapping): SourcePoller {
  const { settings, scope, uuid } = mapping;
  const arn = settings.EventSourceArn ?? "";
  const stopped = new AbortController();
  const { signal } = stopped;
  // Every receiver waits with it.
  setMaxListeners(0, signal);
  const count = createCounter(mapping);
  const { window, receivers } = createScaling(settings);
  const calls = new Set<Promise<void>>();
  const handle = createHandler({ mapping, invoker, results, report, count, window, running: () => calls.size, signal });
  /** Those beside the first, which alone deals with failures. */
  const others = new Set<Promise<void>>();
  const done = poll();

  async function poll(): Promise<void> {
    let queue: SourceQueue | undefined;
    for (let pause = FIRST_PAUSE_MS, troubled = false; !signal.aborted;) {
      try {
        queue ??= await service.open(arn);
        const found = await receive(queue);
        pause = FIRST_PAUSE_MS;
        if (troubled) results.put(scope, uuid, OK);
        troubled = false;
        if (found) help(queue);
      } catch (error) {
        queue = undefined;
        troubled = true;
        results.put(scope, uuid, pollingProblem(error, "queue"));
        report(failed(error, `It is tried again in ${pause / 1000} s.`));
        await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
        pause = Math.min(LAST_PAUSE_MS, pause * 2);
      }
    }
    await Promise.all([...others, ...calls]);
  }

  /** Others receive too while there are messages, and no longer. */
  function help(queue: SourceQueue): void {
    while (others.size + 1 < receivers(queue.receivers) && !signal.aborted) {
      const helper: Promise<void> = untilNone(queue).finally(() => others.delete(helper));
      others.add(helper);
    }
  }

  async function untilNone(queue: SourceQueue): Promise<void> {
    try {
      while (!signal.aborted && (await receive(queue)) && others.size < receivers(queue.receivers));
    } catch (error) {
      report(failed(error, "Others that receive for the mapping go on, or say so too."));
    }
  }

  function failed(cause: unknown, hint: string): KilnError {
    const message = `${arn} cannot be polled for function ${mapping.functionName}.`;
    return new KilnError("POLLING_FAILED", message, { hint, cause });
  }

  /** One batch, handed to the calls. Whether there was one. */
  async function receive(queue: SourceQueue): Promise<boolean> {
    while (!hasRoom()) await Promise.race(calls);
    const messages = await gather((max, waitSeconds) => queue.receive({ max, waitSeconds, signal }), {
      size: settings.BatchSize ?? 10,
      windowMs: (settings.MaximumBatchingWindowInSeconds ?? 0) * 1000,
      signal,
    });
    if (messages.length === 0) return false;
    count({ polled: messages.length });
    const held = chainsOf(messages).map((chain) => ({ chain, release: hold(queue, chain.messages, report) }));
    for (const { chain, release } of held) {
      // Looked at without a pause before the call is added: several receivers wait for the same room.
      while (!hasRoom()) await Promise.race(calls);
      const call: Promise<void> = handle(queue, chain)
        .catch(report)
        .finally(() => {
          release();
          calls.delete(call);
        });
      calls.add(call);
    }
    return true;
  }

  function hasRoom(): boolean {
    return calls.size < window.size;
  }

  return {
    async stop() {
      stopped.abort();
      await done;
    },
  };
}
