/** One log group on disk: a directory with group.json and segments. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { systemCode } from "../../base/errors.ts";
import { encodeBlock, encodeEvent, type Bodies, type EncodedEvent, type PendingEvent } from "./block.ts";
import type { ReportLoss } from "./loss.ts";
import { listSegments, newSegment, recoverSegment, type Segment } from "./segment.ts";

/** A block holds at most about this many bytes of messages. */
const BLOCK_BYTES = 256 * 1024;
/** Messages that may wait in memory; more than that is a function that prints faster than the disk takes it. */
const MAX_PENDING_BYTES = 8 * 1024 * 1024;
/** The file of a group that nobody writes to is closed after this many ms. */
const IDLE_MS = 5_000;

export interface GroupOptions {
  directory: string;
  name: string;
  maxBytes: number;
  segmentBytes: number;
  clock: Clock;
  onLoss: ReportLoss;
  bodies?: Bodies | undefined;
}

export class LogGroup {
  readonly name: string;
  readonly #options: GroupOptions;
  #pending: EncodedEvent[] = [];
  #pendingBytes = 0;
  #refused = { events: 0, bytes: 0 };
  /** Undefined until the directory has been read; undefined inside means that it does not exist. */
  #loaded: { createdAt: number | undefined } | undefined;
  #segments: Segment[] = [];
  #handle: FileHandle | undefined;
  #lastId: number | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Everything that changes the directory runs one after the other. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: GroupOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** In memory only; `flush` brings it to the disk. */
  push(event: PendingEvent): void {
    const bytes = event.message.length;
    if (this.#pendingBytes + bytes > MAX_PENDING_BYTES) {
      this.#refused.events += 1;
      this.#refused.bytes += bytes;
      return;
    }
    this.#pending.push(encodeEvent(event));
    this.#pendingBytes += bytes;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get storedBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Undefined when the group does not exist. Call `flush` before. */
  get createdAt(): number | undefined {
    return this.#loaded?.createdAt;
  }

  /** Id of the oldest event kept: ids begin with the time, so this orders groups by the age of what could go. */
  get oldest(): number {
    return this.#segments[0]?.first ?? Infinity;
  }

  /** The segments as they are now, oldest first. Their committed bytes never change, so readers need no lock. */
  segments(): readonly Segment[] {
    return [...this.#segments];
  }

  /** Brings everything pushed so far to the disk. Never rejects: what could not be written is reported as lost. */
  flush(): Promise<void> {
    return this.#exclusive(async () => {
      const events = this.#pending;
      const bytes = this.#pendingBytes;
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#reportRefused();
      try {
        await this.#load();
        if (events.length > 0) await this.#append(events);
      } catch (cause) {
        this.#options.onLoss({ group: this.name, reason: "disk", events: events.length, bytes, cause });
        await this.#undoTornWrite();
      }
      await this.#keepSize();
    });
  }

  /** Drops the oldest segment; the one that is being written too, when it is the only one. */
  dropOldest(): Promise<void> {
    return this.#exclusive(() => this.#dropOldest());
  }

  /** Forgets the group and its events. A later write makes it anew. */
  delete(): Promise<boolean> {
    return this.#exclusive(async () => {
      await this.#load();
      const existed = this.#loaded?.createdAt !== undefined || this.#pending.length > 0;
      this.#pending = [];
      this.#pendingBytes = 0;
      await this.#closeFile();
      // Out of the way in one step, then file by file: a crash in between leaves a name that the next start sweeps.
      const gone = join(dirname(this.#options.directory), `.gone-${randomUUID()}`);
      try {
        await rename(this.#options.directory, gone);
        await rm(gone, { recursive: true, force: true });
      } catch (thrown) {
        if (systemCode(thrown) !== "ENOENT") throw thrown;
      }
      this.#segments = [];
      this.#loaded = { createdAt: undefined };
      return existed;
    });
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#exclusive(() => this.#closeFile());
  }

  #exclusive<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(action);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #load(): Promise<void> {
    if (this.#loaded !== undefined) return;
    const createdAt = await readCreatedAt(this.#options.directory);
    if (createdAt !== undefined) this.#segments = await listSegments(this.#options.directory, this.#options.bodies);
    this.#loaded = { createdAt };
  }

  async #append(events: readonly EncodedEvent[]): Promise<void> {
    await this.#makeDirectory();
    const now = this.#options.clock();
    for (const batch of batches(events)) {
      // Ids begin with the time in µs and never go back, even when the clock does or the group is made anew.
      const firstId = Math.max((await this.#recover()) + 1, now * 1000);
      const block = encodeBlock(batch, firstId, now, this.#options.bodies);
      const { handle, segment } = await this.#writable(firstId, block.length);
      await writeAll(handle, block, segment.bytes);
      segment.bytes += block.length;
      segment.latest = undefined;
      segment.streams = undefined;
      this.#lastId = firstId + batch.length - 1;
    }
    this.#idle ??= setTimeout(() => void this.#exclusive(() => this.#closeFile()), IDLE_MS).unref();
    this.#idle.refresh();
  }

  async #keepSize(): Promise<void> {
    try {
      while (this.#segments.length > 1 && this.storedBytes > this.#options.maxBytes) await this.#dropOldest();
    } catch (cause) {
      this.#options.onLoss({ group: this.name, reason: "disk", events: 0, bytes: 0, cause });
    }
  }

  async #makeDirectory(): Promise<void> {
    if (this.#loaded?.createdAt !== undefined) return;
    const { directory, clock, name } = this.#options;
    const createdAt = clock();
    await createDirectory(directory, { name, createdAt });
    this.#loaded = { createdAt };
  }

  /** Cuts a torn tail, once after opening. Returns the last id in use. */
  async #recover(): Promise<number> {
    const newest = this.#segments.at(-1);
    this.#lastId ??= newest === undefined ? 0 : Math.max(newest.first, await recoverSegment(newest));
    return this.#lastId;
  }

  /** The file to append to, with room for `bytes`. */
  async #writable(firstId: number, bytes: number): Promise<{ handle: FileHandle; segment: Segment }> {
    let segment = this.#segments.at(-1);
    if (segment === undefined || (segment.bytes > 0 && segment.bytes + bytes > this.#options.segmentBytes)) {
      await this.#closeFile();
      segment = newSegment(this.#options.directory, firstId, this.#options.bodies);
      this.#segments.push(segment);
    }
    this.#handle ??= await open(segment.path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    return { handle: this.#handle, segment };
  }

  /** After a failed write: bytes behind the last whole block must not be taken for blocks later. */
  async #undoTornWrite(): Promise<void> {
    const segment = this.#segments.at(-1);
    try {
      if (segment !== undefined) await this.#handle?.truncate(segment.bytes);
    } catch {
      // The next open of the group cuts the tail; until then nothing more is appended to this file.
      this.#lastId = undefined;
      await this.#closeFile();
    }
  }

  async #dropOldest(): Promise<void> {
    const oldest = this.#segments[0];
    if (oldest === undefined) return;
    if (this.#segments.length === 1) {
      // Its ids stay used, so that an id that a reader holds never names another event.
      await this.#recover();
      await this.#closeFile();
    }
    await rm(oldest.path, { force: true });
    this.#segments.shift();
  }

  async #closeFile(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    clearTimeout(this.#idle);
    this.#idle = undefined;
    await handle?.close();
  }

  #reportRefused(): void {
    if (this.#refused.events === 0) return;
    const { events, bytes } = this.#refused;
    this.#refused = { events: 0, bytes: 0 };
    this.#options.onLoss({ group: this.name, reason: "backlog", events, bytes });
  }
}

function* batches(events: readonly EncodedEvent[]): Generator<EncodedEvent[]> {
  let batch: EncodedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (batch.length > 0 && bytes + event.bytes > BLOCK_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += event.bytes;
  }
  if (batch.length > 0) yield batch;
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** The directory appears with its group.json inside, or not at all. */
async function createDirectory(directory: string, about: { name: string; createdAt: number }): Promise<void> {
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const aside = join(parent, `.new-${basename(directory).slice(0, 100)}-${randomUUID()}`);
  await mkdir(aside, { mode: 0o700 });
  const file = await open(join(aside, "group.json"), "wx", 0o600);
  try {
    await file.writeFile(JSON.stringify(about));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, directory);
}

async function readCreatedAt(directory: string): Promise<number | undefined> {
  return (await readAbout(directory))?.createdAt;
}

/** What group.json says; undefined when the group does not exist. */
export async function readAbout(directory: string): Promise<{ name: string; createdAt: number } | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, "group.json"), "utf8")) as { name: string; createdAt: number };
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}
