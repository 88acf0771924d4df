/** Who wants to hear of which changes within this process. */
import type { Change } from "./contract.ts";

interface Watcher {
  kind: string;
  prefix: string;
  listener(change: Change<unknown>): void;
}

export interface Watchers {
  add(watcher: Watcher): () => void;
  /** Whether a change of this kind and key would be heard. */
  wanted(kind: string, key: string): boolean;
  notify(kind: string, change: Change<unknown>): void;
}

export function createWatchers(): Watchers {
  const watchers = new Set<Watcher>();
  const hears = (watcher: Watcher, kind: string, key: string) =>
    watcher.kind === kind && key.startsWith(watcher.prefix);
  return {
    add(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    wanted: (kind, key) => [...watchers].some((watcher) => hears(watcher, kind, key)),
    notify(kind, change) {
      for (const watcher of watchers) {
        if (!hears(watcher, kind, change.key)) continue;
        try {
          watcher.listener(change);
        } catch (error) {
          // A bug of the listener: it must be seen, and must not keep the writer from its answer.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
