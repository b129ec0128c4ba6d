import {
  InvalidArgumentException,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandOutput,
} from '@aws-sdk/client-kinesis';
import { eachLimit } from '../../../lambdas/runtime/attempt.ts';
import { type IteratorsOf, kinesisSource } from '../../esm/kinesis-source.ts';
import type { ShardSource } from '../../esm/ports.ts';
import type { ReadPosition } from '../../esm/protocol.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';
import type { ShardStatus } from './model.ts';

/** Shards that are read at a time. */
const AT_ONCE = 8;
const TIMEOUT_MS = 15_000;

export interface ListedShard {
  readonly shardId: string;
  readonly open: boolean;
}

/** Every shard that the stream still has, those that are closed included. */
export async function listShards(kinesis: KinesisClient, streamName: string): Promise<readonly ListedShard[]> {
  const shards: ListedShard[] = [];
  let page: { StreamName: string } | { NextToken: string } | undefined = { StreamName: streamName };
  while (page !== undefined) {
    const answer: ListShardsCommandOutput = await kinesis.send(new ListShardsCommand(page));
    for (const { ShardId = '', SequenceNumberRange } of answer.Shards ?? []) {
      shards.push({ shardId: ShardId, open: SequenceNumberRange?.EndingSequenceNumber === undefined });
    }
    page = answer.NextToken === undefined ? undefined : { NextToken: answer.NextToken };
  }
  return shards;
}

/** How far a system has come in each shard, by one record read after each checkpoint. */
export async function readShards(
  kinesis: KinesisClient,
  streamName: string,
  { byShard }: Checkpoints,
  nowMs: number,
  iterators: IteratorsOf,
): Promise<readonly ShardStatus[]> {
  const listed = await listShards(kinesis, streamName);
  const found = new Map<string, ShardStatus>();
  await eachLimit(listed, AT_ONCE, async ({ shardId, open }) => {
    const checkpoint = byShard.get(shardId);
    const source = kinesisSource(kinesis, streamName, iterators);
    const behindMs = await behind(source, shardId, checkpoint, nowMs);
    found.set(shardId, {
      shardId,
      open,
      ...(checkpoint === undefined ? {} : { checkpoint: shown(checkpoint) }),
      ...(behindMs === undefined ? {} : { behindMs }),
    });
  });
  return listed.flatMap(({ shardId }) => found.get(shardId) ?? []);
}

const shown = ({ sequenceNumber, atMs }: Checkpoint) => ({ sequenceNumber, at: new Date(atMs).toISOString() });

/**
 * Age of the first record after a checkpoint, or at most that of the place reached; 0 at the tip. Without a checkpoint only an empty shard
 * says something.
 */
async function behind(
  source: ShardSource,
  shardId: string,
  checkpoint: Checkpoint | undefined,
  nowMs: number,
): Promise<number | undefined> {
  const from: ReadPosition =
    checkpoint === undefined
      ? { kind: 'TRIM_HORIZON' }
      : { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: checkpoint.sequenceNumber };
  try {
    const { records, millisBehindLatest } = await source.read(shardId, from, 1, AbortSignal.timeout(TIMEOUT_MS));
    const [first] = records;
    const ms = first === undefined ? millisBehindLatest : Math.max(1, nowMs - first.arrivalMs);
    return checkpoint === undefined && ms > 0 ? undefined : ms;
  } catch (error) {
    // The checkpoint is of an earlier stream of that name: it says nothing of this one.
    if (error instanceof InvalidArgumentException) return undefined;
    throw error;
  }
}
