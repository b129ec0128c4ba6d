import { setTimeout as delay } from 'node:timers/promises';
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';

interface OpenShard {
  readonly id: string;
  readonly parent: string | undefined;
  readonly from: bigint;
  readonly to: bigint;
}

/** Splits the widest shard in the middle. Returns the ids of its children. */
export async function splitWidest(client: KinesisClient, StreamName: string): Promise<readonly string[]> {
  const open = await openShards(client, StreamName);
  const widest = open.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
  const NewStartingHashKey = String((widest.from + widest.to + 1n) / 2n);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: widest.id, NewStartingHashKey }));
  return newcomers(client, StreamName, open);
}

/** Merges two neighbours that are no children of one split. Returns the id of their child. @throws if there are none. */
export async function mergeNeighbours(client: KinesisClient, StreamName: string): Promise<readonly string[]> {
  const open = await openShards(client, StreamName);
  const nth = open.findIndex(({ parent, to }, at) => {
    const next = open[at + 1];
    return next !== undefined && next.from === to + 1n && next.parent !== parent;
  });
  const [left, right] = [open[nth], open[nth + 1]];
  if (left === undefined || right === undefined) throw new Error(`${StreamName} has no two shards to merge`);
  await client.send(new MergeShardsCommand({ StreamName, ShardToMerge: left.id, AdjacentShardToMerge: right.id }));
  return newcomers(client, StreamName, open);
}

const ACTIVE_CHECK_MS = 20;

/** Shards that were made since, once the stream is active again. */
async function newcomers(
  client: KinesisClient,
  StreamName: string,
  before: readonly OpenShard[],
): Promise<readonly string[]> {
  const summary = new DescribeStreamSummaryCommand({ StreamName });
  while ((await client.send(summary)).StreamDescriptionSummary?.StreamStatus !== 'ACTIVE') await delay(ACTIVE_CHECK_MS);
  const known = new Set(before.map(({ id }) => id));
  return (await openShards(client, StreamName)).map(({ id }) => id).filter((id) => !known.has(id));
}

/** In the order of their hash keys. */
async function openShards(client: KinesisClient, StreamName: string): Promise<readonly OpenShard[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  return Shards.flatMap(({ ShardId, ParentShardId, HashKeyRange, SequenceNumberRange }): readonly OpenShard[] => {
    if (ShardId === undefined || HashKeyRange === undefined) return [];
    if (SequenceNumberRange?.EndingSequenceNumber !== undefined) return [];
    const { StartingHashKey = '', EndingHashKey = '' } = HashKeyRange;
    return [{ id: ShardId, parent: ParentShardId, from: BigInt(StartingHashKey), to: BigInt(EndingHashKey) }];
  }).toSorted((a, b) => (a.from < b.from ? -1 : 1));
}
