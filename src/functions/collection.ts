/** Forgetting code that no function and no layer names any more: some time after deletions and updates, many of them at once. */
import type { UsedArtifacts } from "../artifacts/contract.ts";
import type { Documents } from "../store/contract.ts";
import type { CodeStore } from "./code.ts";
import type { FunctionDocument, FunctionVersion } from "./contract.ts";
import { walk } from "./documents.ts";
import { FUNCTION, VERSION } from "./keys.ts";
import type { LayerVersion } from "./layers/contract.ts";
import { LAYER_VERSION } from "./layers/keys.ts";
import { layerBlobs } from "./layers/tree.ts";

export interface Collection {
  /** Asks for a collection; requests within the delay share one. */
  request(): void;
  /** Runs what was asked for now, and resolves when it is done. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface CollectionOptions {
  documents: Documents;
  code: CodeStore;
  /** ms between the first request and the collection. */
  delay: number;
  /** ms between collections that nobody asked for: artifacts may be kept for a while after they were asked to go. */
  period: number;
  report: (error: unknown) => void;
}

export function createCollection(options: CollectionOptions): Collection {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    try {
      await options.code.collect(() => usedArtifacts(options.documents));
    } catch (error) {
      options.report(error);
    }
  };
  const begin = (): void => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(run);
  };

  const periodic = setInterval(begin, options.period).unref();

  return {
    request() {
      timer ??= setTimeout(begin, options.delay).unref();
    },
    async settled() {
      if (timer) begin();
      await running;
    },
    async close() {
      clearInterval(periodic);
      clearTimeout(timer);
      timer = undefined;
      await running;
    },
  };
}

/**
 * Functions are read before versions: a version that is published in between copies code that its function named until
 * then, so one of the two readings sees it. Layer versions may be read at any time: who takes code from one into a
 * function holds collections up.
 */
async function usedArtifacts(documents: Documents): Promise<UsedArtifacts> {
  const blobs = new Set<string>();
  /** By their text, because many versions have the same layers. */
  const merged = new Map<string, string[]>();
  const note = ({ code, layers = [], snapshot }: FunctionVersion): void => {
    blobs.add(code.blob);
    if (snapshot?.blob !== undefined) blobs.add(snapshot.blob);
    for (const layer of code.image?.layers ?? []) blobs.add(layer.blob);
    const ids = layerBlobs(layers);
    for (const id of ids) blobs.add(id);
    if (ids.length > 0) merged.set(ids.join(), ids);
  };
  for await (const { value } of walk<FunctionDocument>(documents, FUNCTION, "")) {
    note(value.latest);
    if (value.serving) note(value.serving);
  }
  for await (const { value } of walk<FunctionVersion>(documents, VERSION, "")) note(value);
  for await (const { value } of walk<LayerVersion>(documents, LAYER_VERSION, "")) blobs.add(value.code.blob);
  return { blobs, merged: merged.values() };
}
