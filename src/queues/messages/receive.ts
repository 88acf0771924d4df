import type { Scope } from "../../base/scope.ts";
import type { ReceivedMessage } from "../../store/contract.ts";
import { numberAttribute, redrivePolicyOf, type RedrivePolicy } from "../attributes.ts";
import type { QueueDocument, QueueMessage, ReceiveOptions } from "../contract.ts";
import { findIfThere, type QueueDomain } from "../domain.ts";
import { invalidValue } from "../errors.ts";
import { isFifoName, parseQueueArn, queueArn, storeName } from "../names.ts";
import { handleOf } from "./handle.ts";
import { decodeMessage, encodeMessage, messageIdOf, sequenceNumberOf } from "./stored.ts";

const MAX_BATCH = 10;

/** Up to `max` messages; waits for the first one as long as the caller or the queue wants. */
export async function receive(
  domain: QueueDomain,
  scope: Scope,
  name: string,
  options: ReceiveOptions,
): Promise<QueueMessage[]> {
  check(options);
  const queue = await domain.find(scope, name);
  const wait = (options.waitSeconds ?? numberAttribute(queue, "ReceiveMessageWaitTimeSeconds")) * 1000;
  const visibility = (options.visibilitySeconds ?? numberAttribute(queue, "VisibilityTimeout")) * 1000;
  const stored = storeName(scope, queue);
  const until = domain.clock() + wait;
  for (;;) {
    const messages = await receiveOnce(domain, scope, queue, options.max, visibility);
    const left = until - domain.clock();
    if (messages.length > 0 || left <= 0 || options.signal?.aborted === true) return messages;
    const next = await domain.queue.nextAt(stored);
    await domain.arrivals.wait(stored, Math.min(left, waitFor(next, domain.clock())), options.signal);
    // The queue may have been deleted, or changed, in the meantime.
    await domain.find(scope, name);
  }
}

/** A message that is receivable and was not received waits behind the head of its group: that one's end is announced. */
function waitFor(next: number | undefined, now: number): number {
  if (next === undefined) return Number.MAX_SAFE_INTEGER;
  return next > now ? next - now : 100;
}

async function receiveOnce(
  domain: QueueDomain,
  scope: Scope,
  queue: QueueDocument,
  max: number,
  visibility: number,
): Promise<QueueMessage[]> {
  const stored = storeName(scope, queue);
  const received = await domain.queue.receive(stored, { max, visibility });
  const policy = queue.attributes["RedrivePolicy"];
  const redrive = policy === undefined ? undefined : redrivePolicyOf(policy);
  const oldest = domain.clock() - numberAttribute(queue, "MessageRetentionPeriod") * 1000;
  const messages: QueueMessage[] = [];
  for (const message of received) {
    if (message.enqueuedAt < oldest) await domain.queue.acknowledge(stored, message.receipt);
    else if (redrive !== undefined && message.receiveCount > redrive.maxReceiveCount) {
      if (!(await bury(domain, scope, queue, message, redrive))) messages.push(shapeOf(queue, message));
    } else messages.push(shapeOf(queue, message));
  }
  return messages;
}

/** Moves a message to the dead-letter queue; false when there is none, so that the message goes on where it is. */
async function bury(
  domain: QueueDomain,
  scope: Scope,
  queue: QueueDocument,
  message: ReceivedMessage,
  { deadLetterTargetArn }: RedrivePolicy,
): Promise<boolean> {
  const target = parseQueueArn(deadLetterTargetArn);
  const found = target && (await findIfThere(domain, target.scope, target.name));
  if (target === undefined || found === undefined) return false;
  const { messageId, system } = shapeOf(queue, message);
  const sequenceNumber = system["SequenceNumber"];
  const body = encodeMessage({
    ...decodeMessage(message.body),
    messageId,
    ...(sequenceNumber === undefined ? {} : { sequenceNumber }),
    deadLetterSource: queueArn(scope, queue.name),
  });
  const stored = storeName(target.scope, found);
  const moved = await domain.queue.deadLetter(storeName(scope, queue), message.receipt, stored, { body });
  if (moved) domain.arrivals.announce(stored);
  return true;
}

function shapeOf(queue: QueueDocument, received: ReceivedMessage): QueueMessage {
  const message = decodeMessage(received.body);
  const fifo = isFifoName(queue.name);
  const system: Record<string, string | undefined> = {
    SenderId: message.sender,
    SentTimestamp: String(received.enqueuedAt),
    ApproximateReceiveCount: String(received.receiveCount),
    ApproximateFirstReceiveTimestamp: String(received.firstReceivedAt),
    SequenceNumber: fifo ? (message.sequenceNumber ?? sequenceNumberOf(received.id)) : undefined,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  return {
    messageId: message.messageId ?? messageIdOf(queue.id, received.id),
    receiptHandle: handleOf(queue, received.receipt),
    body: message.body,
    attributes: message.attributes ?? {},
    system: Object.fromEntries(
      Object.entries(system).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

function check({ max, visibilitySeconds, waitSeconds }: ReceiveOptions): void {
  if (!(max >= 1 && max <= MAX_BATCH)) {
    throw invalidValue("MaxNumberOfMessages", max, "Must be between 1 and 10, if provided.");
  }
  if (waitSeconds !== undefined && !(waitSeconds >= 0 && waitSeconds <= 20)) {
    throw invalidValue("WaitTimeSeconds", waitSeconds, "Must be >= 0 and <= 20, if provided.");
  }
  if (visibilitySeconds !== undefined && !(visibilitySeconds >= 0 && visibilitySeconds <= 43_200)) {
    throw invalidValue(
      "VisibilityTimeout",
      visibilitySeconds,
      "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
    );
  }
}
