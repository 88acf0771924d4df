/** Puts a batch together: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, "batching". */
import { performance } from "node:perf_hooks";
import type { QueueMessage } from "../../queues/contract.ts";

export interface BatchOptions {
  /** Messages at most. */
  size: number;
  /** ms after the first message in which more are waited for. */
  windowMs: number;
  signal: AbortSignal;
}

/** SQS gives ten at a time, and waits 20 s at most. */
const MAX_RECEIVE = 10;
const MAX_WAIT_S = 20;
/** Of a call's payload: 6 MB, with room for what surrounds the messages. */
const MAX_BYTES = 6 * 1024 * 1024 - 64 * 1024;
/** Of a record around its body and attributes. */
const RECORD_BYTES = 1200;

/** Empty when there was none for as long as one receive waits. */
export async function gather(
  receive: (max: number, waitSeconds: number) => Promise<QueueMessage[]>,
  { size, windowMs, signal }: BatchOptions,
): Promise<QueueMessage[]> {
  const batch = await receive(Math.min(MAX_RECEIVE, size), MAX_WAIT_S);
  if (batch.length === 0) return batch;
  const until = performance.now() + windowMs;
  let bytes = batch.reduce((sum, message) => sum + bytesOf(message), 0);
  while (batch.length < size && !signal.aborted) {
    const left = until - performance.now();
    if (windowMs > 0 && left <= 0) break;
    // A receive brings ten messages of up to 1 MB: no more of them than there is room for.
    const room = Math.floor((MAX_BYTES - bytes) / (1024 * 1024));
    const max = Math.min(MAX_RECEIVE, size - batch.length, room);
    if (max < 1) break;
    const more = await receive(max, windowMs > 0 ? Math.min(MAX_WAIT_S, left / 1000) : 0);
    if (more.length === 0 && windowMs === 0) break;
    for (const message of more) bytes += bytesOf(message);
    batch.push(...more);
  }
  return batch;
}

/** As JSON: characters that JSON escapes take up to six bytes. */
function bytesOf(message: QueueMessage): number {
  return (
    Buffer.byteLength(JSON.stringify(message.body)) +
    Buffer.byteLength(JSON.stringify(message.attributes)) +
    RECORD_BYTES
  );
}
