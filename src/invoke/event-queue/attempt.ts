/** One turn of an event: a call of its function or a delivery of what came of it, and the settling of its message. */
import { KilnError, messageOf, ServiceError } from "../../base/errors.ts";
import type { ReceivedMessage, WorkQueue } from "../../store/contract.ts";
import type {
  Deliver,
  Delivery,
  EventSettings,
  EventSettingsOf,
  EventStep,
  InvokeAnswer,
  Invoker,
} from "../contract.ts";
import { decodeEvent, encodeEvent, type QueuedEvent } from "./event.ts";
import type { Outcome } from "./poller.ts";
import { deliveriesOf, type Condition } from "./record.ts";
import { postponement, verdictBefore, verdictOn, verdictOnError, type Attempt, type Verdict } from "./verdict.ts";

export interface AttemptOptions {
  queue: WorkQueue;
  invoker: Pick<Invoker, "invoke">;
  settings: EventSettingsOf;
  deliver: Deliver;
  clock: () => number;
  retryBaseMs: number;
  publish(event: QueuedEvent, step: EventStep["step"], more?: Pick<EventStep, "reason" | "deadLetter">): void;
  report(error: unknown): void;
  /** Kiln stops, and its running calls are being ended: what comes of them counts for nothing. */
  abandoned(): boolean;
}

/** A delivery that cannot be made is tried for so long (ms) after the event was accepted: AWS's longest event age. */
const DELIVERY_MS = 6 * 60 * 60 * 1000;

/** Nobody waits for an event to be forgotten: many share one sync. A kill in this time has it run again. */
const PATIENCE_MS = 10;

const settled: Outcome = { kind: "settled" };

/** Takes one message of the queue `name` as far as it goes now. Never rejects. */
export async function attempt(options: AttemptOptions, name: string, message: ReceivedMessage): Promise<Outcome> {
  try {
    const event = decodeEvent(message.body);
    if (event.undelivered !== undefined) return await deliverAgain(options, name, message, event, event.undelivered);
    return await call(options, name, message, event);
  } catch (error) {
    // The message stays where it is and is received again.
    options.report(error);
    return settled;
  }
}

async function call(
  options: AttemptOptions,
  name: string,
  message: ReceivedMessage,
  event: QueuedEvent,
): Promise<Outcome> {
  const settings = await options.settings(event.scope, event.functionName, event.qualifier);
  if (settings === undefined) return gone(options, name, message, event);
  const ageMs = options.clock() - event.acceptedAt;
  const before = verdictBefore({ settings, ageMs });
  if (before?.kind === "end") return end(options, name, message, event, settings, before.condition);

  options.publish(event, "started");
  const { answer, error } = await callFunction(options, event);
  if (options.abandoned()) return settled;
  const failures = event.failures + (answer?.functionError === undefined ? 0 : 1);
  const about: Attempt = {
    settings,
    ageMs: options.clock() - event.acceptedAt,
    failures,
    // A receipt that led to a call is counted among the failures; a crash in between counts as postponed.
    postponed: Math.max(0, message.receiveCount - 1 - event.failures),
  };
  const verdict: Verdict =
    answer === undefined ? verdictOnError(error, about) : verdictOn(answer, about, options.retryBaseMs);
  switch (verdict.kind) {
    case "gone":
      return gone(options, name, message, event);
    case "later":
      if (!verdict.throttled) options.report(postponed(event, error));
      options.publish(event, "throttled", { reason: messageOf(error) });
      await options.queue.giveBack(name, message.receipt, { delay: verdict.throttled ? 0 : verdict.delay });
      return verdict.throttled ? { kind: "throttled" } : settled;
    case "retry":
      options.publish(event, "retried");
      await options.queue.giveBack(name, message.receipt, {
        delay: verdict.delay,
        body: encodeEvent({ ...event, failures }),
      });
      return settled;
    case "end": {
      const ending = end(options, name, message, { ...event, failures }, settings, verdict.condition, answer);
      if (verdict.condition !== "Success" || answer === undefined) return ending;
      const settling = ending.then(
        () => undefined,
        (error: unknown) => options.report(error),
      );
      return { kind: "succeeded", durationMs: answer.durationMs, settling };
    }
  }
}

async function callFunction(
  { invoker }: AttemptOptions,
  event: QueuedEvent,
): Promise<{ answer?: InvokeAnswer; error?: unknown }> {
  const { scope, functionName, requestId, payload, qualifier, traceId, clientContext, tenantId } = event;
  try {
    const answer = await invoker.invoke({
      scope,
      functionName,
      requestId,
      payload,
      tail: false,
      ...(qualifier === undefined ? {} : { qualifier }),
      ...(traceId === undefined ? {} : { traceId }),
      ...(clientContext === undefined ? {} : { clientContext }),
      ...(tenantId === undefined ? {} : { tenantId }),
    });
    return { answer };
  } catch (error) {
    return { error };
  }
}

async function end(
  options: AttemptOptions,
  name: string,
  message: ReceivedMessage,
  event: QueuedEvent,
  settings: EventSettings,
  condition: Condition,
  answer?: InvokeAnswer,
): Promise<Outcome> {
  const invokeCount = event.failures + (condition === "Success" ? 1 : 0);
  const deliveries = deliveriesOf(event, settings, { condition, invokeCount, answer }, options.clock());
  if (condition === "Success") options.publish(event, "done");
  else {
    options.publish(event, "dropped", { reason: condition });
    if (deliveries.length === 0) options.report(dropped(event, condition));
  }
  return settle(options, name, message, event, deliveries, 0);
}

function deliverAgain(
  options: AttemptOptions,
  name: string,
  message: ReceivedMessage,
  event: QueuedEvent,
  { deliveries, tries }: NonNullable<QueuedEvent["undelivered"]>,
): Promise<Outcome> {
  return settle(options, name, message, event, deliveries, tries);
}

/** Delivers, and forgets the event when all is delivered; what is not goes back into the queue. */
async function settle(
  options: AttemptOptions,
  name: string,
  message: ReceivedMessage,
  event: QueuedEvent,
  deliveries: readonly Delivery[],
  tries: number,
): Promise<Outcome> {
  const left: Delivery[] = [];
  for (const delivery of deliveries) {
    try {
      await options.deliver(delivery);
    } catch (error) {
      const late = options.clock() - event.acceptedAt > DELIVERY_MS;
      const hopeless = (error instanceof ServiceError && error.status < 500 && error.status !== 429) || late;
      if (!hopeless) left.push(delivery);
      else {
        // Only messages for dead-letter queues have attributes.
        const deadLetter = delivery.attributes !== undefined;
        options.publish(event, "delivery-failed", { reason: messageOf(error), deadLetter });
        options.report(undeliverable(event, delivery, error));
      }
    }
  }
  if (left.length === 0) await forget(options, name, message, event, PATIENCE_MS);
  else {
    await options.queue.giveBack(name, message.receipt, {
      delay: postponement(tries),
      body: encodeEvent({ ...event, undelivered: { deliveries: left, tries: tries + 1 } }),
    });
  }
  return settled;
}

async function gone(
  options: AttemptOptions,
  name: string,
  message: ReceivedMessage,
  event: QueuedEvent,
): Promise<Outcome> {
  options.publish(event, "dropped", { reason: "FunctionNotFound" });
  options.report(dropped(event, "the function does not exist any more"));
  await forget(options, name, message, event, 0);
  return settled;
}

/** A receipt that is stale forgets nothing: whoever has the later one will. */
async function forget(
  options: AttemptOptions,
  name: string,
  message: ReceivedMessage,
  event: QueuedEvent,
  within: number,
): Promise<void> {
  if (await options.queue.acknowledge(name, message.receipt, { within })) options.publish(event, "forgotten");
}

const nameOf = ({ requestId, functionName, qualifier }: QueuedEvent): string =>
  `Event ${requestId} of function ${functionName}${qualifier === undefined ? "" : `:${qualifier}`}`;

function dropped(event: QueuedEvent, why: string): KilnError {
  return new KilnError("EVENT_DROPPED", `${nameOf(event)} is given up: ${why}.`, {
    hint: "A destination on failure or a dead-letter queue keeps such events.",
  });
}

function postponed(event: QueuedEvent, cause: unknown): KilnError {
  return new KilnError("EVENT_POSTPONED", `${nameOf(event)} could not be run; it is tried again later.`, { cause });
}

function undeliverable(event: QueuedEvent, { target }: Delivery, cause: unknown): KilnError {
  return new KilnError("DELIVERY_FAILED", `${nameOf(event)} has ended, and ${target} could not be told.`, { cause });
}
