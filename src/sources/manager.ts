/** Keeps a poller for each mapping that is enabled, and starts it anew when the mapping changes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Scope } from "../base/scope.ts";
import type { MappingFeed, SourceMapping, SourcePoller, StartPoller } from "./contract.ts";

export interface SourcesOptions {
  feed: MappingFeed;
  /** By kind of source; mappings of other kinds are not polled. */
  pollers: Readonly<Record<string, StartPoller>>;
  report: (error: unknown) => void;
  /** Removes what is kept of a mapping that is gone. */
  forget?: (mapping: Pick<SourceMapping, "scope" | "uuid">) => Promise<void>;
  /** Removes what is kept of mappings that are not known any more. Called at the start. */
  sweep?: (isKnown: (uuid: string) => boolean) => Promise<void>;
}

export interface Sources {
  start(): Promise<void>;
  /** Polls no more, and waits for running calls: their records are settled or come again. */
  close(graceMs: number): Promise<void>;
}

interface Running {
  /** What it was started with, as text, to see whether a change concerns it. */
  started: string;
  poller: SourcePoller;
}

export function createSources({ feed, pollers, report, forget, sweep }: SourcesOptions): Sources {
  const running = new Map<string, Running>();
  /** Pollers that are on their way out: one mapping is polled by one at a time. */
  const stopping = new Map<string, Promise<void>>();
  const wanted = new Map<string, SourceMapping>();
  /** All mappings, whether they are polled or not. */
  const known = new Map<string, Scope>();
  let open = true;
  let unwatch: (() => void) | undefined;

  function changed(uuid: string, mapping: SourceMapping | undefined): void {
    if (mapping !== undefined) known.set(uuid, mapping.scope);
    if (mapping === undefined || !mapping.enabled || !Object.hasOwn(pollers, mapping.kind)) wanted.delete(uuid);
    else wanted.set(uuid, mapping);
    settle(uuid);
    if (mapping === undefined) void clean(uuid).catch(report);
  }

  async function clean(uuid: string): Promise<void> {
    await stopping.get(uuid);
    const scope = known.get(uuid);
    known.delete(uuid);
    if (scope !== undefined) await forget?.({ scope, uuid });
  }

  function settle(uuid: string): void {
    if (stopping.has(uuid)) return;
    const mapping = open ? wanted.get(uuid) : undefined;
    const text = JSON.stringify(mapping);
    const current = running.get(uuid);
    if (current !== undefined && current.started !== text) {
      running.delete(uuid);
      const stopped = current.poller
        .stop()
        .catch(report)
        .then(() => {
          stopping.delete(uuid);
          settle(uuid);
        });
      stopping.set(uuid, stopped);
      return;
    }
    const start = mapping === undefined ? undefined : pollers[mapping.kind];
    if (current === undefined && mapping !== undefined && start !== undefined) {
      running.set(uuid, { started: text, poller: start(mapping) });
    }
  }

  return {
    async start() {
      unwatch = feed.watch(changed);
      for await (const mapping of feed.all()) if (!running.has(mapping.uuid)) changed(mapping.uuid, mapping);
      await sweep?.((uuid) => known.has(uuid));
    },
    async close(graceMs) {
      open = false;
      unwatch?.();
      for (const uuid of running.keys()) settle(uuid);
      const over = new AbortController();
      await Promise.race([
        Promise.all(stopping.values()),
        sleep(graceMs, undefined, { signal: over.signal }).catch(() => undefined),
      ]);
      over.abort();
    },
  };
}
