import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { kinesisSource } from '../../../local/esm/kinesis-source.ts';
import { tailing } from './tailing.ts';

/** What a client was asked: the command's name and its input. */
type Asked = [string, Readonly<Record<string, unknown>>];

/**
 * A quiet shard as the service has it: reads over an empty stretch give nothing, say that they are behind, and get on only by the
 * iterators that they give.
 */
function quietShard(emptyReads: number, asked: Asked[]): KinesisClient {
  const send = async (command: { readonly input: Readonly<Record<string, unknown>> }): Promise<object> => {
    asked.push([command.constructor.name, command.input]);
    switch (command.constructor.name) {
      case 'ListShardsCommand':
        return { Shards: [{ ShardId: 'shardId-000000000000' }] };
      case 'GetShardIteratorCommand':
        return { ShardIterator: '0' };
      default: {
        const at = Number(command.input.ShardIterator);
        const record = {
          SequenceNumber: '7',
          PartitionKey: 'k',
          ApproximateArrivalTimestamp: new Date(9),
          Data: Buffer.from('found'),
        };
        return {
          Records: at === emptyReads ? [record] : [],
          MillisBehindLatest: Math.max(0, emptyReads - at) * 1_000,
          NextShardIterator: String(at + 1),
        };
      }
    }
  };
  return { send } as unknown as KinesisClient;
}

test.each([
  [{ kind: 'horizon' } as const, { ShardIteratorType: 'TRIM_HORIZON' }],
  [{ kind: 'now' } as const, { ShardIteratorType: 'LATEST' }],
  [{ kind: 'time', timestampMs: 5 } as const, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(5) }],
])('a tail from %j gets through an empty stretch by one iterator', async (start, iterator) => {
  const asked: Asked[] = [];
  const one = tailing(kinesisSource(quietShard(5, asked), 'shop', 'service'), start);
  await one.until(1);
  await one.stop();
  expect(one.texts).toEqual(['found']);
  const iterators = asked.filter(([name]) => name === 'GetShardIteratorCommand');
  expect(iterators.map(([, input]) => input)).toEqual([
    { StreamName: 'shop', ShardId: 'shardId-000000000000', ...iterator },
  ]);
});
