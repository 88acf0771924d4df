/**
 * Memory of large buffers, given back when it is known that nobody needs it. Left to the collector it costs more than all that
 * is done with the bytes: V8 collects its whole heap for every 64 MB of them, and what is allocated next is new memory, page by
 * page.
 */
import type { Writable } from "node:stream";

/** What is smaller may lie in memory that buffers share, and is not worth it. */
const LARGE_BYTES = 16 * 1024;

/** Memory that writes may still be reading: how many. */
const writes = new WeakMap<ArrayBufferLike, number>();
/** Bytes whose maker has no use for them after they are sent. */
const oneWay = new WeakSet<Uint8Array>();

/**
 * Gives the memory back now: the buffer has no bytes from here on, whoever looks. Does nothing with a small
 * one, with a part of other memory, or while a write of `writeLarge` reads it: then it is the collector's.
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < LARGE_BYTES || buffer.byteLength !== byteLength) return;
  if (buffer instanceof ArrayBuffer && !writes.has(buffer)) buffer.transfer(0);
}

/** Writes bytes that others may `free`. */
export function writeLarge(to: Writable, bytes: Uint8Array, then?: () => void): void {
  const { buffer } = bytes;
  writes.set(buffer, (writes.get(buffer) ?? 0) + 1);
  to.write(bytes, (error) => {
    // Whether a write that has failed is over is not known here.
    if (error !== null && error !== undefined) return;
    const left = (writes.get(buffer) ?? 1) - 1;
    if (left > 0) writes.set(buffer, left);
    else writes.delete(buffer);
    then?.();
  });
}

/** Says of bytes that whoever sends them may free them then. */
export function forSending(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength >= LARGE_BYTES) oneWay.add(bytes);
  return bytes;
}

/** To be told when bytes have been sent whole. */
export function sent(bytes: Uint8Array): void {
  if (oneWay.delete(bytes)) free(bytes);
}
