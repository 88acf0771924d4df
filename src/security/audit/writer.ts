/**
 * Appends records to the log with group commit: while the disk syncs one group, the next one gathers. A record that could
 * not be written waits here until the disk takes it again, before all that come after it: a full disk fails calls, it does
 * not lose what they did.
 */
import { open, rm, stat, type FileHandle } from "node:fs/promises";
import { syncDirectory } from "../../base/durable-file.ts";
import { writeLink } from "./chain.ts";
import { openHead, type Head } from "./head.ts";
import type { Recovered } from "./recover.ts";
import { headPath, readSegment, segmentPath, type Segment } from "./segments.ts";

/** Bounds a group, so that its first does not wait for its last. */
const MAX_GROUP = 512;
/** ms after which a disk that failed is tried again. */
const RETRY_MS = 1000;

export interface LogLimits {
  /** Of one file. */
  readonly segmentBytes: number;
  /** Of all files: the oldest go. */
  readonly totalBytes: number;
  /** ms that records are kept. */
  readonly retentionMs: number;
  /** Of records that wait for the disk. */
  readonly waitingBytes: number;
}

export interface LogWriter {
  /** Resolves when the record is on disk; rejects when it is not, and yet will be as soon as that works. */
  append(json: string): Promise<void>;
  /** Resolves when the disk takes records; rejects with what it says when not. */
  ready(): void | Promise<void>;
  /** Whether no more records can wait. */
  full(): boolean;
  head(): Head;
  segments(): readonly Segment[];
  /** Removes what is too old or too much. */
  prune(now: number): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly json: string;
  resolve(): void;
  reject(error: unknown): void;
}

export async function openWriter(
  dir: string,
  key: Buffer,
  found: Recovered,
  limits: LogLimits,
  report: (error: unknown) => void,
  witness?: string,
): Promise<LogWriter> {
  const headFile = await openHead(headPath(dir), key, witness);
  let head: Head = { oldest: found.oldest, before: found.before, next: found.next, last: found.last };
  const segments: (Segment & { bytes: number })[] = [];
  for (const segment of found.segments) segments.push({ ...segment, bytes: (await stat(segment.path)).size });
  let file: FileHandle | undefined;
  let offset = 0;
  if (found.open !== undefined) {
    file = await open(found.open.segment.path, "r+");
    offset = found.open.bytes;
  }
  await headFile.write(head, true);

  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | undefined;
  let broken: { error: unknown; since: number } | undefined;
  let pruning: Promise<void> = Promise.resolve();

  /** A file that is there under the name was begun and never written to. */
  async function begin(): Promise<void> {
    const first = head.next;
    const path = segmentPath(dir, first);
    const next = await open(path, "w", 0o600);
    try {
      const text = `${JSON.stringify({ version: 1, first, previous: head.last })}\n`;
      await next.writeFile(text);
      await next.sync();
      await syncDirectory(dir);
      await file?.close();
      file = next;
      offset = Buffer.byteLength(text);
      if (segments.at(-1)?.first === first) segments.pop();
      segments.push({ first, path, bytes: offset });
    } catch (error) {
      await next.close();
      throw error;
    }
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    if (file === undefined || offset >= limits.segmentBytes) await begin();
    let { next, last } = head;
    let text = "";
    for (const { json } of group) {
      const { line, mac } = writeLink(key, next, last, json);
      text += line;
      last = mac;
      next += 1;
    }
    const bytes = Buffer.from(text);
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await (file as FileHandle).write(
          bytes,
          written,
          bytes.length - written,
          offset + written,
        );
        written += bytesWritten;
      }
      await (file as FileHandle).datasync();
    } catch (error) {
      // Half a group must not be taken for records by whoever reads on.
      await (file as FileHandle).truncate(offset).catch(report);
      throw error;
    }
    offset += bytes.length;
    const current = segments.at(-1);
    if (current !== undefined) current.bytes = offset;
    head = { ...head, next, last };
    await headFile.write(head);
  }

  async function run(): Promise<void> {
    // At the end of the tick, so that the records of one tick go together.
    await new Promise((resolve) => void setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_GROUP);
      try {
        await writeGroup(group);
      } catch (error) {
        if (broken === undefined) report(error);
        broken = { error, since: performance.now() };
        // They are told; their records stay.
        for (const each of waiting) each.reject(error);
        waiting = waiting.map(({ json }) => ({ json, resolve: () => undefined, reject: () => undefined }));
        return;
      }
      broken = undefined;
      waiting = waiting.slice(group.length);
      for (const each of group) {
        waitingBytes -= each.json.length;
        each.resolve();
      }
    }
  }

  function wake(): Promise<void> {
    running ??= run().finally(() => {
      running = undefined;
      // What came while the last group was settled.
      if (broken === undefined && waiting.length > 0) void wake();
    });
    return running;
  }

  async function tryAgain(): Promise<void> {
    await wake();
    if (broken !== undefined) throw broken.error;
  }

  const retry = setInterval(() => {
    if (broken !== undefined) void wake();
  }, RETRY_MS);
  retry.unref();

  async function remove(now: number): Promise<void> {
    let total = segments.reduce((sum, { bytes }) => sum + bytes, 0);
    while (segments.length > 1) {
      const [oldest, following] = segments;
      if (oldest === undefined || following === undefined) return;
      const tooMuch = total > limits.totalBytes;
      const tooOld = now - (await stat(oldest.path)).mtimeMs > limits.retentionMs;
      if (!tooMuch && !tooOld) return;
      const { header } = await readSegment(following.path);
      // The head is first: what it does not tell of any more may be there or not.
      head = { ...head, oldest: following.first, before: header?.previous ?? head.before };
      await headFile.write(head, true);
      await rm(oldest.path, { force: true });
      segments.shift();
      total -= oldest.bytes;
    }
  }

  return {
    append(json) {
      return new Promise((resolve, reject) => {
        waiting.push({ json, resolve, reject });
        waitingBytes += json.length;
        void wake();
      });
    },
    ready: () => (broken === undefined ? undefined : tryAgain()),
    full: () => waitingBytes > limits.waitingBytes,
    head: () => head,
    segments: () => segments,
    prune: (now) => (pruning = pruning.then(() => remove(now))),
    async close() {
      clearInterval(retry);
      await pruning.catch(report);
      if (waiting.length > 0) await wake();
      await running;
      await headFile.close();
      await file?.close();
      if (waiting.length > 0) report(broken?.error);
    },
  };
}
