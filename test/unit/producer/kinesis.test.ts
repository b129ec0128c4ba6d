import type { PutRecordsCommandInput, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { createProducer, kinesisRecords, RecordError, type RecordsClient } from '../../../lambdas/producer/index.ts';
import { itemAdded } from '../../../lambdas/systems/profiles/events.ts';
import { MUG } from './shop.ts';

type Answer = Partial<PutRecordsCommandOutput>;

/** A client that keeps what it is sent, and answers as told. */
function clientOf(answer: (input: PutRecordsCommandInput) => Answer | Promise<Answer>) {
  const inputs: PutRecordsCommandInput[] = [];
  const send = async ({ input }: { input: PutRecordsCommandInput }): Promise<Answer> => {
    inputs.push(input);
    return answer(input);
  };
  return { inputs, client: { send } as unknown as RecordsClient };
}

const records = ['a', 'b', 'c'].map((partitionKey) => ({ partitionKey, data: Buffer.from('{}') }));
const { signal } = new AbortController();

test('a stream is addressed by its name or its ARN', async () => {
  const { client, inputs } = clientOf(() => ({ Records: [] }));
  await kinesisRecords(client, 'shop')(records, signal);
  await kinesisRecords(client, 'arn:aws:kinesis:us-east-1:000000000000:stream/shop')(records, signal);
  expect(inputs.map(({ StreamName, StreamARN }) => [StreamName, StreamARN])).toEqual([
    ['shop', undefined],
    [undefined, 'arn:aws:kinesis:us-east-1:000000000000:stream/shop'],
  ]);
  expect(inputs[0]?.Records).toEqual(
    records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
  );
});

test('each record gets its answer: where it is, which error it met, or that nothing was said of it', async () => {
  const { client } = clientOf(() => ({
    Records: [
      { ShardId: 'shardId-000000000001', SequenceNumber: '49' },
      {
        ErrorCode: 'ProvisionedThroughputExceededException',
        ErrorMessage: 'Rate exceeded for shard shardId-000000000007 in stream shop under account 000000000000.',
      },
    ],
  }));
  const [first, second, third] = await kinesisRecords(client, 'shop')(records, signal);
  expect(first).toEqual({ shardId: 'shardId-000000000001', sequenceNumber: '49' });
  expect(second).toBeInstanceOf(RecordError);
  expect(second).toMatchObject({ name: 'ProvisionedThroughputExceededException', shardId: 'shardId-000000000007' });
  expect(third).toMatchObject({ name: 'MissingAnswer', shardId: undefined });
});

test('a producer made for a stream sends by the given client, in real time', async () => {
  const { client, inputs } = clientOf(({ Records = [] }) => ({
    Records: Records.map((_, nth) => ({ ShardId: 'shardId-000000000000', SequenceNumber: String(nth) })),
  }));
  {
    await using producer = createProducer({ stream: 'shop', source: 'urn:shop:web', client, lingerMs: 1 });
    const receipt = await producer.send(itemAdded, { subject: 'user-42', data: MUG });
    expect(await receipt.delivered()).toEqual({ shardId: 'shardId-000000000000', sequenceNumber: '0' });
    await producer.send(itemAdded, { subject: 'user-42', data: MUG });
  }
  expect(inputs.map(({ StreamName, Records }) => [StreamName, Records?.[0]?.PartitionKey])).toEqual([
    ['shop', 'user-42'],
    ['shop', 'user-42'],
  ]);
});
