import { gunzipSync } from 'node:zlib';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';

/** A record as the stream holds it. */
export interface Held {
  readonly partitionKey: string;
  readonly ids: readonly string[];
}

/** Every record of every shard, shard by shard in the order of their sequence numbers. */
export async function readStream(client: KinesisClient, StreamName: string): Promise<readonly Held[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  const held: Held[] = [];
  for (const { ShardId } of Shards) {
    const start = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    for (;;) {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const { PartitionKey = '', Data = new Uint8Array() } of Records) {
        held.push({ partitionKey: PartitionKey, ids: idsIn(Data) });
      }
      if (Records.length === 0 || NextShardIterator === undefined) break;
      ShardIterator = NextShardIterator;
    }
  }
  return held;
}

function idsIn(data: Uint8Array): readonly string[] {
  const bytes = Buffer.from(data);
  const json: unknown = JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
  return (Array.isArray(json) ? json : [json]).map(({ id }: { id: string }) => id);
}

/** What is wrong with a stream, in sentences; empty if it holds what was sent, each key in its order. */
export function faultsOf(held: readonly Held[], sent: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const faults: string[] = [];
  const firsts = new Map<string, Set<string>>();
  for (const { partitionKey, ids } of held) {
    const seen = firsts.get(partitionKey) ?? new Set();
    for (const id of ids) seen.add(id);
    firsts.set(partitionKey, seen);
  }
  for (const [key, ids] of sent) {
    const seen = firsts.get(key) ?? new Set();
    const lost = ids.filter((id) => !seen.has(id));
    if (lost.length > 0) faults.push(`${key} lacks ${lost.length} of ${ids.length} events, first ${lost[0]}`);
    // A set keeps the order in which its members were first seen.
    else if ([...seen].some((id, nth) => id !== ids[nth]))
      faults.push(`${key} is not in the order in which it was sent`);
    if (seen.size > ids.length) faults.push(`${key} holds events under ids that nobody sent`);
  }
  const foreign = [...firsts.keys()].filter((key) => !sent.has(key));
  if (foreign.length > 0) faults.push(`Nobody sent events of ${foreign.length} keys, first ${foreign[0]}`);
  return faults;
}

export const eventsIn = (held: readonly Held[]): number => held.reduce((sum, { ids }) => sum + ids.length, 0);
