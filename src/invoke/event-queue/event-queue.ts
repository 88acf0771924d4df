/** Asynchronous calls: a durable queue for each function, and the pollers that empty them. */
import { channel } from "node:diagnostics_channel";
import { systemClock, type Clock } from "../../base/clock.ts";
import type { Scope } from "../../base/scope.ts";
import type { ReceivedMessage, WorkQueue } from "../../store/contract.ts";
import {
  EVENT_CHANNEL,
  type Deliver,
  type EventQueue,
  type EventSettingsOf,
  type EventStep,
  type FunctionDirectory,
  type Invoker,
} from "../contract.ts";
import { targetFor } from "../tenant.ts";
import { attempt } from "./attempt.ts";
import { encodeEvent, type QueuedEvent } from "./event.ts";
import { createPoller, type Outcome, type Poller } from "./poller.ts";
import { RETRY_BASE_MS } from "./verdict.ts";

export interface EventQueueOptions {
  queue: WorkQueue;
  directory: FunctionDirectory;
  invoker: Pick<Invoker, "invoke">;
  settings: EventSettingsOf;
  deliver: Deliver;
  clock?: Clock;
  /** ms before the first retry of a failed call; the second waits twice as long. Default AWS's minute. */
  retryBaseMs?: number | undefined;
  /** Events that are held in memory at a time, default AWS's 1,000 concurrent calls of an account; and their bytes. */
  maxHeld?: number;
  maxHeldBytes?: number;
  /** Failures that no caller waits for. */
  report: (error: unknown) => void;
}

const PREFIX = "event/";
/** ms: what a killed Kiln held can be received again after it. */
const VISIBILITY = 20_000;
const EXTEND_EVERY = 5000;

export function createEventQueue(options: EventQueueOptions): EventQueue {
  const { queue, report, clock = systemClock } = options;
  const maxHeld = options.maxHeld ?? 1000;
  const maxHeldBytes = options.maxHeldBytes ?? 256 * 1024 * 1024;
  const pollers = new Map<string, Poller>();
  /** Those that found no place in memory, in the order in which they get one. */
  const hungry = new Set<Poller>();
  const events = channel(EVENT_CHANNEL);
  /** Receipts of the events that are in memory. */
  const held = new Map<string, { name: string; until: number }>();
  let heldBytes = 0;
  let places = 0;
  let open = true;
  let abandoned = false;
  let onQuiet: (() => void) | undefined;
  const extender = setInterval(extend, EXTEND_EVERY).unref();

  function pollerOf(name: string): Poller {
    let poller = pollers.get(name);
    if (poller === undefined) {
      poller = createPoller({
        name,
        queue,
        visibility: VISIBILITY,
        reserve,
        release,
        hungry: (each) => hungry.add(each),
        hold: (message) => hold(name, message),
        letGo,
        run: (message) => run(name, message),
        emptied: (each) => {
          if (pollers.get(name) === each) pollers.delete(name);
        },
        report,
      });
      pollers.set(name, poller);
    }
    return poller;
  }

  function reserve(wanted: number): number {
    if (heldBytes >= maxHeldBytes) return 0;
    const given = Math.min(wanted, maxHeld - places);
    places += given;
    return given;
  }

  function release(count: number): void {
    places -= count;
    if (count === 0 || !open) return;
    for (const poller of hungry) {
      hungry.delete(poller);
      poller.wake();
      if (places >= maxHeld) return;
    }
  }

  function hold(name: string, message: ReceivedMessage): void {
    held.set(message.receipt, { name, until: clock() + VISIBILITY });
    heldBytes += message.body.length;
  }

  function letGo(message: ReceivedMessage): void {
    held.delete(message.receipt);
    heldBytes -= message.body.length;
    if (held.size === 0) onQuiet?.();
  }

  function run(name: string, message: ReceivedMessage): Promise<Outcome> {
    const { retryBaseMs = RETRY_BASE_MS } = options;
    return attempt({ ...options, clock, retryBaseMs, publish, abandoned: () => abandoned }, name, message);
  }

  /** Most calls are over before their events need it. */
  function extend(): void {
    const now = clock();
    for (const [receipt, hold] of held) {
      if (hold.until - now > VISIBILITY - EXTEND_EVERY) continue;
      hold.until = now + VISIBILITY;
      queue.extend(hold.name, receipt, VISIBILITY).catch(report);
    }
  }

  function publish(event: QueuedEvent, step: EventStep["step"], more?: Partial<EventStep>): void {
    if (!events.hasSubscribers) return;
    const { scope, functionName, qualifier, requestId, acceptedAt } = event;
    events.publish({
      step,
      ...scope,
      functionName,
      requestId,
      ageMs: clock() - acceptedAt,
      ...(qualifier === undefined ? {} : { qualifier }),
      ...more,
    } satisfies EventStep);
  }

  return {
    async accept({ scope: { account, region }, ...request }) {
      const scope = { account, region };
      const target = await options.directory.resolve(scope, request.functionName, request.qualifier);
      const { functionName } = targetFor(target, request.tenantId);
      const event: QueuedEvent = { ...request, scope, functionName, acceptedAt: clock(), failures: 0 };
      const name = queueName(scope, functionName);
      await queue.enqueue(name, encodeEvent(event));
      publish(event, "received");
      if (open) pollerOf(name).wake();
    },
    async start() {
      const names = await queue.names(PREFIX);
      for (const name of names) {
        const { ready, delayed, inFlight } = await queue.counts(name);
        const [account = "", region = "", functionName = ""] = name.slice(PREFIX.length).split("/");
        const about = { account, region, functionName, requestId: "", ageMs: 0, count: ready + delayed + inFlight };
        if (events.hasSubscribers) events.publish({ step: "found", ...about } satisfies EventStep);
      }
      // All are counted before any is run: one of them may add to the queue of another.
      for (const name of names) pollerOf(name).wake();
    },
    async close(graceMs) {
      open = false;
      clearInterval(extender);
      for (const poller of pollers.values()) poller.stop();
      if (held.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        onQuiet = resolve;
        timer = setTimeout(resolve, graceMs);
      });
      clearTimeout(timer);
      abandoned = held.size > 0;
    },
  };
}

function queueName(scope: Scope, functionName: string): string {
  return `${PREFIX}${scope.account}/${scope.region}/${functionName}`;
}
