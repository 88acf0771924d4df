/**
 * What the rest of Kiln may ask of durable state. Every engine passes the suites in `conformance/`.
 * A promise that resolves means that the change survives `kill -9` and power loss.
 */
import type { Readable } from "node:stream";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };

/** A document with the version that `replace` and `remove` compare. */
export interface Stored<T> {
  key: string;
  value: T;
  /** Changes with every write; opaque, compared for equality only. */
  version: string;
}

export interface Page<T> {
  items: Stored<T>[];
  /** Pass as `after` to go on; absent on the last page. */
  next?: string;
}

export interface Change<T> {
  key: string;
  /** Absent when the document was removed. */
  stored?: Stored<T>;
}

/** One write of an atomic batch. `expect`: "absent", or the version that must be current. */
export type Write =
  | { op: "create"; kind: string; key: string; value: unknown }
  | { op: "replace"; kind: string; key: string; value: unknown; version: string }
  | { op: "remove"; kind: string; key: string; version?: string };

/**
 * Versioned JSON by kind and key. Keys are `/`-separated (`account/region/…`), ordered by their bytes in UTF-8, 1 to 1,024
 * bytes without NUL.
 * `create` and `replace` throw `StoreConflict` when the precondition does not hold.
 */
export interface Documents {
  get<T>(kind: string, key: string): Promise<Stored<T> | undefined>;
  create<T>(kind: string, key: string, value: T): Promise<Stored<T>>;
  replace<T>(kind: string, key: string, value: T, version: string): Promise<Stored<T>>;
  /** Removing what is not there is no error, unless `version` is given. Returns whether something was removed. */
  remove(kind: string, key: string, version?: string): Promise<boolean>;
  /** All writes or none. Results are in the order of the writes (undefined for a remove). */
  batch(writes: Write[]): Promise<(Stored<unknown> | undefined)[]>;
  /** Documents whose key starts with `prefix`, in key order, after the key `after`; `limit` 1 to 1,000. */
  list<T>(kind: string, prefix: string, options: { limit: number; after?: string }): Promise<Page<T>>;
  /** Changes from now on, in commit order, until the returned function is called. */
  watch<T>(kind: string, prefix: string, listener: (change: Change<T>) => void): () => void;
}

export interface ReceivedMessage {
  id: string;
  body: Uint8Array;
  /** Proves this receipt; a later receipt of the same message makes it stale. */
  receipt: string;
  /** How many times the message has been received, this time included. */
  receiveCount: number;
  /** ms since the epoch. */
  enqueuedAt: number;
  /** Of its first receipt; ms since the epoch. */
  firstReceivedAt: number;
  group?: string;
}

export interface EnqueueOptions {
  /** ms until it can be received. */
  delay?: number;
  /** Messages of one group are received in order: several of them together, and no later one before those are gone. */
  group?: string;
  /** A second message with this id within 5 minutes is taken for the same one. */
  deduplicationId?: string;
}

/** Durable queues by name. A stale receipt makes acknowledge, giveBack and extend answer false. */
export interface WorkQueue {
  enqueue(queue: string, body: Uint8Array, options?: EnqueueOptions): Promise<{ id: string }>;
  /** Up to `max` messages, hidden from others for `visibility` ms. Empty when there is none. */
  receive(queue: string, options: { max: number; visibility: number }): Promise<ReceivedMessage[]>;
  /** `within`: ms that it may wait for other writes, to be synced with them; default 0. */
  acknowledge(queue: string, receipt: string, options?: { within?: number }): Promise<boolean>;
  /** Hides the message for `visibility` ms from now, instead of what was left; the receipt stays good. */
  extend(queue: string, receipt: string, visibility: number): Promise<boolean>;
  /** Makes the message receivable again after `delay` ms, with another body where one is given. */
  giveBack(queue: string, receipt: string, options?: { delay?: number; body?: Uint8Array }): Promise<boolean>;
  /** Moves the message to another queue, with its body or the one that is given; its receive count starts again. */
  deadLetter(queue: string, receipt: string, target: string, options?: { body?: Uint8Array }): Promise<boolean>;
  counts(queue: string): Promise<{ ready: number; delayed: number; inFlight: number }>;
  /** ms since the epoch at which the next message can be received, maybe in the past; undefined when there is none. */
  nextAt(queue: string): Promise<number | undefined>;
  /** Names of the queues with messages that start with `prefix`, in no order. */
  names(prefix: string): Promise<string[]>;
  /** Removes what was enqueued before `before` (ms since the epoch), whoever has it. */
  expire(queue: string, before: number): Promise<number>;
  purge(queue: string): Promise<number>;
}

/** Immutable bytes under their content address: lower-case hex SHA-256. */
export interface Blobs {
  /** Writes aside, syncs, renames. Stops with KilnError `BLOB_TOO_LARGE` past `maxBytes`. */
  put(content: Readable | Uint8Array, options?: { maxBytes?: number }): Promise<{ id: string; size: number }>;
  /** Undefined when there is none. */
  get(id: string): Promise<{ size: number; stream(): Readable; bytes(): Promise<Uint8Array> } | undefined>;
  delete(id: string): Promise<boolean>;
  /** Every id, in no order. For garbage collection. */
  list(): AsyncIterable<string>;
}

export interface Store {
  readonly documents: Documents;
  readonly queue: WorkQueue;
  readonly blobs: Blobs;
  close(): Promise<void>;
}

/** The precondition of a write did not hold: somebody else was first. */
export class StoreConflict extends Error {
  override readonly name = "StoreConflict";
  readonly kind: string;
  readonly key: string;

  constructor(kind: string, key: string) {
    super(`The ${kind} document ${key} was changed by someone else.`);
    this.kind = kind;
    this.key = key;
  }
}

/**
 * Encrypts what an engine writes to a disk. What was written before there were keys is told from what is sealed by its
 * first bytes, and stays readable. Opening throws KilnError `SEAL_…`: another key, another context, or changed bytes.
 */
export interface Sealer {
  /** `context` is not secret; what was sealed for another one does not open. */
  seal(clear: Uint8Array, context: string): Buffer;
  open(sealed: Uint8Array, context: string): Buffer;
  isSealed(bytes: Uint8Array): boolean;
  /** Large content, in pieces of any size; cut, lengthened or reordered content does not open. */
  sealStream(clear: AsyncIterable<Uint8Array>, context: string): AsyncIterable<Buffer>;
  openStream(sealed: AsyncIterable<Uint8Array>, context: string): AsyncIterable<Buffer>;
  /** Bytes of the content behind a sealed stream of `size` bytes; undefined when `head`, its first bytes, begin none. */
  clearSize(head: Uint8Array, size: number): number | undefined;
}

/** As many bytes of a file as `clearSize` wants to see. */
export const SEAL_HEAD_BYTES = 24;
