/**
 * Snapshots of runtimes that wait for their function, for levels that have them: what a pool of pre-booted jails is elsewhere.
 * One is taken after a runtime's first use, for each size that functions have; jails start from it any number of times.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { RuntimeImage } from "../../artifacts/contract.ts";
import type { JailLimits, JailSnapshot, Sandbox } from "../../sandbox/contract.ts";
import { prebootVariables } from "../environment/variables.ts";
import type { Guest, GuestSpec } from "../environment/guest.ts";

export interface RuntimeSnapshotOptions {
  sandbox: Sandbox;
  /** Most that are kept. */
  most: number;
  /** ms after its last use when one is given up, and ms after which one is taken anew. */
  unusedMs: number;
  maxAgeMs: number;
  /** ms after a use without one when it is taken: the function that has just started comes first. */
  delayMs: number;
  /** A guest of this specification, with an id of its own where there is none. */
  create(spec: Omit<GuestSpec, "id"> & { id?: string }): Promise<Guest>;
  /** One could not be taken, or nothing could start from it. */
  failed(runtime: string, error: unknown): void;
}

export interface RuntimeSnapshots {
  /**
   * A guest that waits for its assignment, of a function with this specification; undefined where there is no snapshot yet or the
   * size has none. Either way the runtime counts as in use. Throws, once it has been reported, what was in the way of a start
   * from one; `spec.tmp` has gone with the attempt.
   */
  start(image: RuntimeImage, spec: GuestSpec): Promise<Guest | undefined>;
  /** Those that are kept. */
  readonly total: number;
  /** Gives all up. False when there is none. */
  relieve(): boolean;
  close(): Promise<void>;
}

interface Entry {
  image: RuntimeImage;
  limits: JailLimits;
  snapshot: JailSnapshot | undefined;
  takenAt: number;
  usedAt: number;
  /** Of one that is to come. */
  timer: NodeJS.Timeout | undefined;
  /** Nobody finds it any more. */
  gone: boolean;
}

/** ms without another attempt after one has failed, or after the machine was short of memory. */
const REST_MS = 60_000;
const SWEEP_MS = 10_000;
/** Longer than a runtime takes to wait for its function, on a busy machine that emulates. */
const READY_WITHIN_MS = 300_000;

export function createRuntimeSnapshots(options: RuntimeSnapshotOptions): RuntimeSnapshots {
  const { sandbox } = options;
  const entries = new Map<string, Entry>();
  const pending = new Set<Promise<void>>();
  let taking: Guest | "starts" | undefined;
  let restUntil = Number.NEGATIVE_INFINITY;
  let open = sandbox.snapshots !== undefined;
  const sweeper = setInterval(sweep, Math.min(options.unusedMs, SWEEP_MS)).unref();

  function track(work: Promise<unknown>, runtime: string): void {
    const settled = work
      .then(
        () => undefined,
        (error: unknown) => options.failed(runtime, error),
      )
      .finally(() => pending.delete(settled));
    pending.add(settled);
  }

  function entryFor(image: RuntimeImage, limits: JailLimits): Entry {
    const key = `${image.id} ${JSON.stringify(limits)}`;
    let entry = entries.get(key);
    if (entry !== undefined && entry.image.versionArn !== image.versionArn) {
      discard(key, entry);
      entry = undefined;
    }
    if (entry === undefined) {
      entry = { image, limits, snapshot: undefined, takenAt: 0, usedAt: 0, timer: undefined, gone: false };
      entries.set(key, entry);
    }
    entry.usedAt = performance.now();
    return entry;
  }

  function forget(entry: Entry): void {
    const { snapshot, image } = entry;
    entry.snapshot = undefined;
    if (snapshot !== undefined) track(snapshot.release(), image.id);
  }

  function discard(key: string, entry: Entry): void {
    clearTimeout(entry.timer);
    entries.delete(key);
    entry.gone = true;
    forget(entry);
  }

  function sweep(): void {
    const now = performance.now();
    for (const [key, entry] of entries) {
      if (entry.usedAt < now - options.unusedMs) discard(key, entry);
      else if (entry.takenAt < now - options.maxAgeMs) forget(entry);
    }
  }

  /** The one that has not been used for longest makes room. */
  function makeRoom(): void {
    const kept = [...entries].filter(([, { snapshot }]) => snapshot !== undefined);
    kept.sort(([, one], [, other]) => one.usedAt - other.usedAt);
    for (const [key, entry] of kept.slice(0, Math.max(0, kept.length + 1 - options.most))) discard(key, entry);
  }

  function order(entry: Entry): void {
    if (entry.timer !== undefined || entry.snapshot !== undefined) return;
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      if (entry.gone || performance.now() < restUntil) return;
      // One at a time: those that wait ask again.
      if (taking !== undefined) order(entry);
      else track(take(entry), entry.image.id);
    }, options.delayMs).unref();
  }

  async function take(entry: Entry): Promise<void> {
    taking = "starts";
    try {
      makeRoom();
      const snapshot = await snapshotOf(entry);
      if (!entry.gone && performance.now() >= restUntil) {
        entry.snapshot = snapshot;
        entry.takenAt = performance.now();
      } else await snapshot.release();
    } catch (error) {
      restUntil = performance.now() + REST_MS;
      throw error;
    } finally {
      taking = undefined;
    }
  }

  async function snapshotOf({ image, limits }: Entry): Promise<JailSnapshot> {
    const guest = await options.create({
      rootImage: image.image,
      argv: image.argv,
      env: prebootVariables(image),
      limits,
      snapshotted: true,
    });
    taking = guest;
    const late = new AbortController();
    try {
      const never = Promise.race([
        guest.jail.exited.then(({ status, signal }) => `ended with ${signal ?? status}`),
        sleep(READY_WITHIN_MS, "took too long", { signal: late.signal, ref: false }),
      ]);
      never.catch(() => undefined);
      const why = await Promise.race([guest.api.assignmentAsked, never]);
      if (why !== undefined) throw new Error(`The runtime ${why} before it waited for its function.`);
      const snapshot = await guest.jail.snapshot?.();
      if (snapshot === undefined) throw new TypeError("a level with snapshots whose jails take none");
      return snapshot;
    } finally {
      late.abort();
      await guest.end();
    }
  }

  return {
    async start(image, spec) {
      const limits = open ? sandbox.snapshots?.runtimeLimits(spec.limits) : undefined;
      if (limits === undefined) return undefined;
      const entry = entryFor(image, limits);
      const { snapshot } = entry;
      if (snapshot === undefined) {
        order(entry);
        return undefined;
      }
      try {
        const { argv, image: rootImage } = image;
        const from = { rootImage, argv, env: prebootVariables(image), from: snapshot, preboot: true };
        return await options.create({ ...spec, ...from });
      } catch (error) {
        options.failed(image.id, error);
        if (entry.snapshot === snapshot) forget(entry);
        throw error;
      }
    },
    get total() {
      return [...entries.values()].filter(({ snapshot }) => snapshot !== undefined).length;
    },
    relieve() {
      restUntil = performance.now() + REST_MS;
      const any = [...entries.values()].some(({ snapshot }) => snapshot !== undefined);
      for (const entry of entries.values()) forget(entry);
      return any;
    },
    async close() {
      open = false;
      clearInterval(sweeper);
      for (const [key, entry] of entries) discard(key, entry);
      // A runtime that never asks would be waited for.
      if (taking !== undefined && taking !== "starts") void taking.end().catch(() => undefined);
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
