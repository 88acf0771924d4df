/** Snapshots of functions: the worker takes them, the store keeps them. */
import { KilnError } from "../base/errors.ts";
import type { SnapshotStore } from "../functions/index.ts";
import type { Blobs } from "../store/contract.ts";
import type { Worker } from "../worker/contract.ts";

/** More than a function of the largest size can have in memory and in /tmp. */
const MAX_BYTES = 12 * 1024 ** 3;

/** Undefined where the level of isolation has none. */
export function openSnapshots({ snapStarter }: Pick<Worker, "snapStarter">, blobs: Blobs): SnapshotStore | undefined {
  if (snapStarter === undefined) return undefined;

  async function* read(id: string): AsyncGenerator<Uint8Array> {
    const blob = await blobs.get(id);
    if (blob === undefined) throw new KilnError("SNAPSHOT_MISSING", `The snapshot ${id} is not in the store.`);
    yield* blob.stream() as AsyncIterable<Uint8Array>;
  }

  return {
    kindOf: (assignment) => snapStarter.kindOf(assignment),
    take: (assignment) => snapStarter.take(assignment),
    close: () => snapStarter.close(),
    put: async (content) => (await blobs.put(content, { maxBytes: MAX_BYTES })).id,
    read,
  };
}
