import type { Shard } from "./contract.ts";

/** What the shards of both services have. */
interface ListedShard {
  ShardId?: string | undefined;
  ParentShardId?: string | undefined;
  /** Of a shard that came of two. */
  AdjacentParentShardId?: string | undefined;
  SequenceNumberRange?: { EndingSequenceNumber?: string | undefined } | undefined;
}

export function shardOf(shard: ListedShard): Shard {
  const { ShardId: id = "", ParentShardId, AdjacentParentShardId, SequenceNumberRange } = shard;
  return {
    id,
    parents: [ParentShardId, AdjacentParentShardId].flatMap((parent) => parent ?? []),
    closed: SequenceNumberRange?.EndingSequenceNumber !== undefined,
  };
}
