/** One event as it lies in the queue: what is known of it as JSON, and the payload as it came. */
import { KilnError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Delivery } from "../contract.ts";

export interface QueuedEvent {
  scope: Scope;
  functionName: string;
  qualifier?: string;
  requestId: string;
  traceId?: string;
  clientContext?: string;
  tenantId?: string;
  /** ms since the epoch. */
  acceptedAt: number;
  /** Calls of it that ended with a function error. */
  failures: number;
  /** Its calls are over: what is left to deliver, and how often that was tried. */
  undelivered?: { deliveries: Delivery[]; tries: number };
  payload: Uint8Array;
}

/** First byte of every event; another one means that a newer Kiln wrote it. */
const FORMAT = 1;
const HEAD_BYTES = 5;

export function encodeEvent({ payload, ...about }: QueuedEvent): Uint8Array {
  const text = Buffer.from(JSON.stringify(about));
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + text.length + payload.length);
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUInt32BE(text.length, 1);
  text.copy(bytes, HEAD_BYTES);
  bytes.set(payload, HEAD_BYTES + text.length);
  return bytes;
}

/** Throws KilnError `EVENT_UNREADABLE`. */
export function decodeEvent(body: Uint8Array): QueuedEvent {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length < HEAD_BYTES || bytes[0] !== FORMAT) throw unreadable("It has another format.");
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  if (end > bytes.length) throw unreadable("It is cut short.");
  try {
    const about = JSON.parse(bytes.toString("utf8", HEAD_BYTES, end)) as Omit<QueuedEvent, "payload">;
    return { ...about, payload: bytes.subarray(end) };
  } catch (error) {
    throw unreadable("Its head is no JSON.", error);
  }
}

function unreadable(why: string, cause?: unknown): KilnError {
  return new KilnError("EVENT_UNREADABLE", `An event in the queue cannot be read. ${why}`, {
    hint: "A newer Kiln may have written it; it stays in the queue.",
    cause,
  });
}
