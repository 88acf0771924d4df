/** Messages between the API's shapes and the domain's. */
import type { Message, MessageAttributeValue, SendMessageRequest } from "@aws-sdk/client-sqs";
import { md5OfAttributes, md5OfBody } from "../../base/sqs-checksums.ts";
import type { AttributeValue, NewMessage, QueueMessage } from "../../queues/contract.ts";
import { missingParameter } from "../../queues/errors.ts";
import type { CallContext } from "../../wire/contract.ts";

type Sent = Omit<SendMessageRequest, "QueueUrl">;

export function newMessage(input: Sent, { caller, sentTraceId }: CallContext): NewMessage {
  if (input.MessageBody === undefined) throw missingParameter("MessageBody");
  const attributes = attributesOf(input.MessageAttributes);
  const systemAttributes = attributesOf(input.MessageSystemAttributes);
  return {
    body: input.MessageBody,
    sender: caller.userId,
    ...(sentTraceId === undefined ? {} : { traceHeader: sentTraceId }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(systemAttributes === undefined ? {} : { systemAttributes }),
    ...(input.DelaySeconds === undefined ? {} : { delaySeconds: input.DelaySeconds }),
    ...(input.MessageGroupId === undefined ? {} : { groupId: input.MessageGroupId }),
    ...(input.MessageDeduplicationId === undefined ? {} : { deduplicationId: input.MessageDeduplicationId }),
  };
}

function attributesOf(
  given: Readonly<Record<string, MessageAttributeValue>> | undefined,
): Record<string, AttributeValue> | undefined {
  const entries = Object.entries(given ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([name, { DataType = "", StringValue, BinaryValue }]) => [
      name,
      {
        DataType,
        ...(StringValue === undefined ? {} : { StringValue }),
        ...(BinaryValue === undefined ? {} : { BinaryValue: Buffer.from(BinaryValue).toString("base64") }),
      },
    ]),
  );
}

/** Checksums of what was taken. */
export function sentChecksums({ body, attributes, systemAttributes }: NewMessage): {
  MD5OfMessageBody: string;
  MD5OfMessageAttributes?: string;
  MD5OfMessageSystemAttributes?: string;
} {
  const ofAttributes = md5OfAttributes(attributes);
  const ofSystem = md5OfAttributes(systemAttributes);
  return {
    MD5OfMessageBody: md5OfBody(body),
    ...(ofAttributes === undefined ? {} : { MD5OfMessageAttributes: ofAttributes }),
    ...(ofSystem === undefined ? {} : { MD5OfMessageSystemAttributes: ofSystem }),
  };
}

/** What of a message the receiver wants to see. */
export interface Wanted {
  system: readonly string[];
  attributes: readonly string[];
}

export function receivedMessage(message: QueueMessage, wanted: Wanted): Message {
  const system = Object.fromEntries(
    Object.entries(message.system).filter(([name]) => wanted.system.includes("All") || wanted.system.includes(name)),
  );
  const chosen = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => wanted.attributes.some((pattern) => matches(pattern, name))),
  );
  const md5 = md5OfAttributes(chosen);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(Object.keys(system).length === 0 ? {} : { Attributes: system }),
    ...(md5 === undefined ? {} : { MD5OfMessageAttributes: md5, MessageAttributes: shownAttributes(chosen) }),
  };
}

/** `All`, `.*`, a name, or `prefix.*`. */
function matches(pattern: string, name: string): boolean {
  if (pattern === "All" || pattern === ".*") return true;
  return pattern.endsWith(".*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function shownAttributes(attributes: Record<string, AttributeValue>): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        DataType,
        ...(StringValue === undefined ? {} : { StringValue }),
        ...(BinaryValue === undefined ? {} : { BinaryValue: Buffer.from(BinaryValue, "base64") }),
      },
    ]),
  );
}
