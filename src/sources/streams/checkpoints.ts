/**
 * How far each shard of a mapping has been handled: a document per shard, written after a batch and before the next one
 * of the same records is called. A killed Kiln goes on there, so records are handled at least once.
 */
import type { Scope } from "../../base/scope.ts";
import type { Documents, Stored } from "../../store/contract.ts";
import type { Position } from "./contract.ts";

/** `account/region/uuid/shard` → Checkpoint */
export const CHECKPOINT = "event-source-checkpoint";

export interface TumblingState {
  /** ms since the epoch. */
  start: number;
  end: number;
  /** What the function answered last. */
  state: unknown;
}

export interface Checkpoint {
  position: Position;
  /** The shard is closed, and all of it is handled. */
  done?: boolean;
  window?: TumblingState;
}

export interface Checkpoints {
  all(): Promise<Map<string, Checkpoint>>;
  /** All of them at once: shards that are there when a mapping is polled for the first time. */
  begin(shards: ReadonlyMap<string, Checkpoint>): Promise<void>;
  put(shardId: string, checkpoint: Checkpoint): Promise<void>;
  remove(shardId: string): Promise<void>;
}

export interface CheckpointOwner {
  scope: Scope;
  uuid: string;
}

const prefixOf = ({ scope, uuid }: CheckpointOwner): string => `${scope.account}/${scope.region}/${uuid}/`;

/** Of one mapping, which has one poller at a time: nobody else writes them. */
export function createCheckpoints(documents: Documents, owner: CheckpointOwner): Checkpoints {
  const prefix = prefixOf(owner);
  const versions = new Map<string, string>();
  return {
    async all() {
      const found = new Map<string, Checkpoint>();
      for await (const { key, value, version } of list(documents, prefix)) {
        const shard = key.slice(prefix.length);
        found.set(shard, value);
        versions.set(shard, version);
      }
      return found;
    },
    async begin(shards) {
      const entries = [...shards];
      const written = await documents.batch(
        entries.map(([shard, value]) => ({ op: "create", kind: CHECKPOINT, key: prefix + shard, value })),
      );
      for (const [index, [shard]] of entries.entries()) versions.set(shard, written[index]?.version ?? "");
    },
    async put(shard, checkpoint) {
      const version = versions.get(shard);
      const stored =
        version === undefined
          ? await documents.create(CHECKPOINT, prefix + shard, checkpoint)
          : await documents.replace(CHECKPOINT, prefix + shard, checkpoint, version);
      versions.set(shard, stored.version);
    },
    async remove(shard) {
      await documents.remove(CHECKPOINT, prefix + shard);
      versions.delete(shard);
    },
  };
}

/** Those of a mapping that is gone. */
export async function removeCheckpoints(documents: Documents, owner: CheckpointOwner): Promise<void> {
  for await (const { key } of list(documents, prefixOf(owner))) await documents.remove(CHECKPOINT, key);
}

/** Those of mappings that went while nobody was there to clean up. */
export async function sweepCheckpoints(documents: Documents, isKnown: (uuid: string) => boolean): Promise<void> {
  for await (const { key } of list(documents, "")) {
    if (!isKnown(key.split("/")[2] ?? "")) await documents.remove(CHECKPOINT, key);
  }
}

async function* list(documents: Documents, prefix: string): AsyncGenerator<Stored<Checkpoint>> {
  let after: string | undefined;
  do {
    const page = await documents.list<Checkpoint>(CHECKPOINT, prefix, {
      limit: 100,
      ...(after === undefined ? {} : { after }),
    });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
