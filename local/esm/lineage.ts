import type { ShardCheckpoint } from './protocol.ts';
import type { Mapping } from './settings.ts';
import { newShard, type ShardState } from './shard.ts';
import type { Shard } from './types.ts';

/** The shards that an engine knows, and how it came to know them. */
export interface Lineage {
  readonly shards: Map<string, ShardState>;
  /** Positions of an earlier run, for the first listing; empty at a first start. */
  readonly saved: ReadonlyMap<string, ShardCheckpoint['position']>;
  listed: boolean;
}

export function newLineage(checkpoints: readonly ShardCheckpoint[]): Lineage {
  return {
    shards: new Map(),
    saved: new Map(checkpoints.map(({ shardId, position }) => [shardId, position])),
    listed: false,
  };
}

/** Takes up shards not known so far, and forgets processed ones that the stream no longer lists. */
export function learnShards(lineage: Lineage, listed: readonly Shard[], mapping: Mapping): void {
  const foundLater = lineage.listed || lineage.saved.size > 0;
  const parents = new Set(listed.flatMap((shard) => shard.parentShardIds));
  for (const shard of listed) {
    if (lineage.shards.has(shard.shardId)) continue;
    const saved = lineage.listed ? undefined : lineage.saved.get(shard.shardId);
    const position = saved ?? startPosition(mapping, foundLater, parents.has(shard.shardId));
    lineage.shards.set(shard.shardId, newShard(shard, position, mapping));
  }
  forgetTrimmed(lineage, listed);
  lineage.listed = true;
}

/**
 * Where a shard without a checkpoint begins. The mapping's starting position is for the shards of the first listing. A shard found
 * later holds what came after them, so it begins at its horizon, whatever the mapping says: anything else would skip records.
 * For LATEST, a shard that has children already is behind the latest record as a whole.
 */
function startPosition(mapping: Mapping, foundLater: boolean, hasChildren: boolean): ShardCheckpoint['position'] {
  if (foundLater) return { kind: 'TRIM_HORIZON' };
  const { startingPosition } = mapping;
  if (typeof startingPosition === 'object') return { kind: 'AT_TIMESTAMP', timestampMs: startingPosition.timestampMs };
  return startingPosition === 'LATEST' && hasChildren ? { kind: 'DONE' } : { kind: startingPosition };
}

function forgetTrimmed(lineage: Lineage, listed: readonly Shard[]): void {
  const present = new Set(listed.map((shard) => shard.shardId));
  for (const shard of lineage.shards.values()) {
    if (shard.stage === 'done' && !present.has(shard.id)) lineage.shards.delete(shard.id);
  }
}

/** Whether a shard may be read: every parent is processed, not merely read; one that the stream no longer lists is long past. */
export function parentsProcessed(lineage: Lineage, shard: ShardState): boolean {
  return shard.parentIds.every((id) => {
    const parent = lineage.shards.get(id);
    return parent === undefined || parent.stage === 'done';
  });
}
