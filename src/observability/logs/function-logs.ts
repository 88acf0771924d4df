/**
 * Function logs: `LogSink` for workers, `LogReader` for the API.
 *
 *   DIR/ACCOUNT/REGION/GROUP/group.json, FIRST_ID.seg
 *
 * A write is a push into memory. Every 50 ms, and before every read, what has been pushed is appended to the newest
 * segment of its group as one block. Nothing is synced: `kill -9` loses at most those 50 ms, a power cut what the kernel
 * had not written yet; the torn end is cut when the group is opened again. Bodies of blocks are encrypted:
 * `encodeBlock` and `blockAt` are the only functions that see what is on disk.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { systemClock, type Clock } from "../../base/clock.ts";
import { systemCode } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { LogSink } from "../../worker/contract.ts";
import type { LogGroupInfo, LogReader } from "../contract.ts";
import type { Sealer } from "../../store/contract.ts";
import type { Bodies, StreamShare } from "./block.ts";
import { LogGroup, readAbout } from "./group.ts";
import type { LogLoss, ReportLoss } from "./loss.ts";
import { fileNameOf } from "./names.ts";
import { queryEvents } from "./query.ts";
import { addShare, summarize } from "./segment.ts";

/** ms between a write and its flush. */
const FLUSH_MS = 50;
/** Pushed bytes that are flushed without waiting. */
const FLUSH_BYTES = 256 * 1024;
/** CloudWatch's bound is 256 KB with its own 26 bytes per event; the worker cuts before. */
const MAX_MESSAGE = 256 * 1024;

export interface FunctionLogsOptions {
  /** Made when it is missing; nobody else writes to it. */
  dir: string;
  /** Bytes that one group may hold on disk before its oldest segment goes. Default 64 MiB. */
  maxBytesPerGroup?: number;
  /** Bytes that all groups together may hold before the oldest segment of all goes. Default 1 GiB. */
  maxBytesTotal?: number;
  /** Default: a 32nd of `maxBytesPerGroup`, between 4 KiB and 1 MiB. */
  segmentBytes?: number;
  /** Encrypts what is written. Absent: it is in the clear. What was written in the clear stays readable. */
  sealer?: Pick<Sealer, "seal" | "open" | "isSealed">;
  /** Called when events could not be kept. */
  onLoss?: ReportLoss;
  clock?: Clock;
}

export interface FunctionLogs extends LogSink, LogReader {
  /** Brings everything written so far to the disk. */
  flush(): Promise<void>;
  /** Flushes and closes the files. Later writes are dropped. */
  close(): Promise<void>;
  /** Since the start: what `onLoss` reported, summed up. */
  lost(): { events: number; bytes: number };
}

export function createFunctionLogs(options: FunctionLogsOptions): FunctionLogs {
  const maxBytes = options.maxBytesPerGroup ?? 64 * 1024 * 1024;
  const maxTotal = options.maxBytesTotal ?? 1024 * 1024 * 1024;
  const segmentBytes = options.segmentBytes ?? Math.min(1024 * 1024, Math.max(4096, Math.floor(maxBytes / 32)));
  const clock = options.clock ?? systemClock;
  /** By directory. */
  const groups = new Map<string, LogGroup>();
  const dirty = new Set<LogGroup>();
  const lost = { events: 0, bytes: 0 };
  let timer: NodeJS.Timeout | undefined;
  let tail: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  let closed = false;
  const ready = findGroups().catch((cause: unknown) => reportProblem("", cause));

  function onLoss(loss: LogLoss): void {
    lost.events += loss.events;
    lost.bytes += loss.bytes;
    options.onLoss?.(loss);
  }

  function reportProblem(group: string, cause: unknown): void {
    onLoss({ group, reason: "disk", events: 0, bytes: 0, cause });
  }

  function scopeDirectory(scope: Scope): string {
    return join(options.dir, fileNameOf(scope.account), fileNameOf(scope.region));
  }

  function groupAt(directory: string, name: string): LogGroup {
    let group = groups.get(directory);
    if (group === undefined) {
      group = new LogGroup({ directory, name, maxBytes, segmentBytes, clock, onLoss, bodies: bodiesOf(directory) });
      groups.set(directory, group);
    }
    return group;
  }

  /** A block opens in its own group only. */
  function bodiesOf(directory: string): Bodies | undefined {
    const { sealer } = options;
    if (sealer === undefined) return undefined;
    const contextOf = (id: number): string => `log\0${relative(options.dir, directory)}\0${id}`;
    return {
      seal: (body, id) => sealer.seal(body, contextOf(id)),
      open: (body, id) => (sealer.isSealed(body) ? sealer.open(body, contextOf(id)) : body),
    };
  }

  async function findGroups(): Promise<void> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    for (const account of await foldersOf(options.dir)) {
      for (const region of await foldersOf(account)) {
        for (const directory of await foldersOf(region)) {
          await findGroup(directory).catch((cause: unknown) => reportProblem(directory, cause));
        }
      }
    }
  }

  async function findGroup(directory: string): Promise<void> {
    const about = await readAbout(directory);
    if (about !== undefined) await groupAt(directory, about.name).flush();
  }

  function schedule(group: LogGroup): void {
    dirty.add(group);
    if (group.pendingBytes > FLUSH_BYTES) void flush();
    else timer ??= setTimeout(() => void flush(), FLUSH_MS);
  }

  /** One flush at a time; all who ask during one share the next. Never rejects. */
  function flush(): Promise<void> {
    queued ??= tail.then(() => {
      queued = undefined;
      return flushNow();
    });
    tail = queued;
    return queued;
  }

  async function flushNow(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    await ready;
    const written = [...dirty];
    dirty.clear();
    await Promise.all(written.map((group) => group.flush()));
    if (written.length > 0) await keepTotal().catch((cause: unknown) => reportProblem("", cause));
  }

  async function keepTotal(): Promise<void> {
    let total = 0;
    for (const group of groups.values()) total += group.storedBytes;
    while (total > maxTotal) {
      const all = [...groups.values()];
      const oldest = all.reduce((first, group) => (group.oldest < first.oldest ? group : first));
      const before = oldest.storedBytes;
      await oldest.dropOldest();
      if (oldest.storedBytes >= before) return;
      total -= before - oldest.storedBytes;
    }
  }

  /** The group with everything written to it so far on disk; undefined when there is none. */
  async function existing(scope: Scope, name: string): Promise<LogGroup | undefined> {
    await ready;
    const group = groups.get(join(scopeDirectory(scope), fileNameOf(name)));
    await group?.flush();
    return group?.createdAt === undefined ? undefined : group;
  }

  return {
    open({ account, region, group: name, stream }) {
      const group = groupAt(join(scopeDirectory({ account, region }), fileNameOf(name)), name);
      return {
        write(timestamp, message) {
          if (closed) return;
          group.push({ stream, timestamp, message: message.length > MAX_MESSAGE ? cut(message) : message });
          schedule(group);
        },
        close() {
          // Nothing is held per stream.
        },
      };
    },

    async groups(scope, prefix) {
      await ready;
      await flush();
      const inside = `${scopeDirectory(scope)}/`;
      const found: LogGroupInfo[] = [];
      for (const [directory, { name, createdAt, storedBytes }] of groups) {
        if (createdAt === undefined || !directory.startsWith(inside) || !name.startsWith(prefix)) continue;
        found.push({ name, createdAt, storedBytes });
      }
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async streams(scope, name) {
      const group = await existing(scope, name);
      if (group === undefined) return undefined;
      const streams = new Map<string, StreamShare>();
      for (const segment of group.segments()) {
        for (const share of (await summarize(segment)).values()) addShare(streams, share);
      }
      return [...streams.values()]
        .map(({ name, first, last, bytes }) => ({ name, createdAt: first, lastEventAt: last, storedBytes: bytes }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async events(scope, query) {
      const group = await existing(scope, query.group);
      return group === undefined ? undefined : queryEvents(group.segments(), query);
    },

    async deleteGroup(scope, name) {
      const group = await existing(scope, name);
      return group === undefined ? false : group.delete();
    },

    flush,

    async close() {
      closed = true;
      await flush();
      await Promise.all([...groups.values()].map((group) => group.close()));
    },

    lost: () => ({ ...lost }),
  };
}

function cut(message: string): string {
  return message.slice(0, MAX_MESSAGE).toWellFormed();
}

/** The folders in a folder. Those that begin with a dot are what a crash left of a creation or a deletion: removed. */
async function foldersOf(directory: string): Promise<string[]> {
  const folders: string[] = [];
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.name.startsWith(".")) await rm(path, { recursive: true, force: true });
      else if (entry.isDirectory()) folders.push(path);
    }
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
  }
  return folders;
}
