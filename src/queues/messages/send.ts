import { createHash } from "node:crypto";
import type { Scope } from "../../base/scope.ts";
import { numberAttribute, wholeAttributes } from "../attributes.ts";
import type { NewMessage, QueueDocument, SentMessage } from "../contract.ts";
import type { QueueDomain } from "../domain.ts";
import { isFifoName, storeName } from "../names.ts";
import { checkMessage } from "./check.ts";
import { encodeMessage, messageIdOf, sequenceNumberOf } from "./stored.ts";

/** Resolves when the message is on disk. */
export async function send(domain: QueueDomain, scope: Scope, name: string, message: NewMessage): Promise<SentMessage> {
  const queue = await domain.find(scope, name);
  checkMessage(queue, message);
  const fifo = isFifoName(name);
  const { body, attributes, systemAttributes, sender, groupId } = message;
  const traceHeader = systemAttributes?.["AWSTraceHeader"]?.StringValue ?? message.traceHeader;
  const deduplicationId = fifo ? (message.deduplicationId ?? contentId(body)) : undefined;
  const stored = storeName(scope, queue);
  const { id } = await domain.queue.enqueue(
    stored,
    encodeMessage({
      body,
      sender,
      ...(attributes === undefined ? {} : { attributes }),
      ...(traceHeader === undefined ? {} : { traceHeader }),
      ...(groupId === undefined ? {} : { groupId }),
      ...(deduplicationId === undefined ? {} : { deduplicationId }),
    }),
    {
      delay: (message.delaySeconds ?? numberAttribute(queue, "DelaySeconds")) * 1000,
      // Groups of other queues only tell tenants apart; they order nothing.
      ...(fifo && groupId !== undefined ? { group: groupId } : {}),
      ...(deduplicationId === undefined ? {} : { deduplicationId: inScope(queue, groupId, deduplicationId) }),
    },
  );
  domain.arrivals.announce(stored);
  return { messageId: messageIdOf(queue.id, id), ...(fifo ? { sequenceNumber: sequenceNumberOf(id) } : {}) };
}

/** Content-based deduplication takes the body alone. */
function contentId(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function inScope(queue: QueueDocument, groupId: string | undefined, id: string): string {
  return wholeAttributes(queue)["DeduplicationScope"] === "messageGroup" ? `${groupId}\n${id}` : id;
}
