/** A message as it lies in the work queue. */
import { createHash } from "node:crypto";
import { KilnError } from "../../base/errors.ts";
import type { AttributeValue } from "../contract.ts";

export interface StoredMessage {
  body: string;
  attributes?: Record<string, AttributeValue>;
  /** Of the request that sent it. */
  traceHeader?: string;
  sender: string;
  groupId?: string;
  deduplicationId?: string;
  /** What it had in an earlier queue, where it came from one. */
  messageId?: string;
  sequenceNumber?: string;
  /** ARN of the queue that gave it up. */
  deadLetterSource?: string;
}

export function encodeMessage(message: StoredMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Throws KilnError. */
export function decodeMessage(body: Uint8Array): StoredMessage {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8")) as StoredMessage;
  } catch (cause) {
    throw new KilnError("MESSAGE_UNREADABLE", "A message in a queue cannot be read.", { cause });
  }
}

/**
 * A UUID made of the queue's id and the message's number in it, so that a sender whose message is taken for an earlier one
 * gets the id of that one.
 */
export function messageIdOf(queueId: string, number: string): string {
  const bytes = createHash("sha256").update(`${queueId}/${number}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** 20 digits that grow from message to message. */
export function sequenceNumberOf(number: string): string {
  return `18${number.padStart(18, "0")}`;
}
