import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  type KinesisClient,
  MergeShardsCommand,
  ProvisionedThroughputExceededException,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { kinesisSource, localKinesisClient } from '../../../local/esm/kinesis-source.ts';
import { Poller } from '../../../local/esm/poller.ts';
import type { PollerEvent } from '../../../local/esm/ports.ts';
import type { ReadPosition } from '../../../local/esm/protocol.ts';
import { returned, SETTINGS } from '../../support/virtual-esm.ts';

const kinesalite: (options: object) => Server = createRequire(import.meta.url)('kinesalite');
const FIRST = 'shardId-000000000000';
const HALF = (2n ** 127n).toString();
const HORIZON: ReadPosition = { kind: 'TRIM_HORIZON' };
const signal = new AbortController().signal;

let server: Server;
let client: KinesisClient;
let streams = 0;

beforeAll(async () => {
  server = kinesalite({ createStreamMs: 0, updateStreamMs: 0, deleteStreamMs: 0, shardLimit: 1_000 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = localKinesisClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'eu-west-1');
});

afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function active(name: string): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: name }));
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
  }
}

async function newStream(shards = 1): Promise<string> {
  streams += 1;
  const name = `stream-${streams}`;
  await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  await active(name);
  return name;
}

async function put(name: string, records: readonly (readonly [key: string, data: string])[]): Promise<void> {
  const entries = records.map(([key, data]) => ({ PartitionKey: key, Data: Buffer.from(data) }));
  const answer = await client.send(new PutRecordsCommand({ StreamName: name, Records: entries }));
  expect(answer.FailedRecordCount).toBe(0);
}

async function split(name: string, shardId: string): Promise<void> {
  const request = { StreamName: name, ShardToSplit: shardId, NewStartingHashKey: HALF };
  await client.send(new SplitShardCommand(request));
  await active(name);
}

/** Makes the next requests of a kind fail, before they are sent. */
function failNext(operation: string, error: Error, times = 1): void {
  let left = times;
  const name = `fail-${operation}`;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== operation || left === 0) return next(args);
      left -= 1;
      if (left === 0) client.middlewareStack.remove(name);
      throw error;
    },
    { step: 'initialize', name, override: true },
  );
}

const texts = (records: readonly { data: Uint8Array }[]) => records.map(({ data }) => Buffer.from(data).toString());

describe('a Kinesis stream as a shard source', () => {
  test('lists shards with the parents of splits and merges', async () => {
    const name = await newStream();
    await split(name, FIRST);
    await client.send(
      new MergeShardsCommand({
        StreamName: name,
        ShardToMerge: 'shardId-000000000001',
        AdjacentShardToMerge: 'shardId-000000000002',
      }),
    );
    await active(name);
    expect(await kinesisSource(client, name).listShards(signal)).toEqual([
      { shardId: FIRST, parentShardIds: [] },
      { shardId: 'shardId-000000000001', parentShardIds: [FIRST] },
      { shardId: 'shardId-000000000002', parentShardIds: [FIRST] },
      { shardId: 'shardId-000000000003', parentShardIds: ['shardId-000000000001', 'shardId-000000000002'] },
    ]);
  });

  test('reads from the horizon in order, at most as many as asked for, and on after the last one', async () => {
    const name = await newStream();
    await put(name, [
      ['k', 'a'],
      ['k', 'b'],
      ['k', 'c'],
    ]);
    const source = kinesisSource(client, name);
    const first = await source.read(FIRST, HORIZON, 2, signal);
    expect(texts(first.records)).toEqual(['a', 'b']);
    expect(first.records[0]).toMatchObject({ partitionKey: 'k', arrivalMs: expect.any(Number) });
    const last = first.records[1]?.sequenceNumber ?? '';
    const second = await source.read(FIRST, { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last }, 2, signal);
    expect(texts(second.records)).toEqual(['c']);
    expect(second.exhausted).toBe(false);
  });

  test('a position that is not where the last read ended is looked up afresh', async () => {
    const name = await newStream();
    await put(name, [
      ['k', 'a'],
      ['k', 'b'],
    ]);
    const source = kinesisSource(client, name);
    const [a] = (await source.read(FIRST, HORIZON, 10, signal)).records;
    expect(texts((await source.read(FIRST, HORIZON, 10, signal)).records)).toEqual(['a', 'b']);
    const after: ReadPosition = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber ?? '' };
    expect(texts((await source.read(FIRST, after, 10, signal)).records)).toEqual(['b']);
  });

  test('AT_TIMESTAMP gives what arrived at that time or later, and answers even if that is nothing yet', async () => {
    const name = await newStream();
    await put(name, [['k', 'early']]);
    const source = kinesisSource(client, name);
    const [early] = (await source.read(FIRST, HORIZON, 10, signal)).records;
    const from: ReadPosition = { kind: 'AT_TIMESTAMP', timestampMs: (early?.arrivalMs ?? 0) + 1 };
    expect(await source.read(FIRST, from, 10, signal)).toMatchObject({ records: [], millisBehindLatest: 1 });
    expect(await source.read(FIRST, from, 10, signal)).toMatchObject({ records: [], millisBehindLatest: 0 });
    await put(name, [['k', 'late']]);
    expect(texts((await source.read(FIRST, from, 10, signal)).records)).toEqual(['late']);
  });

  test('LATEST gives nothing of what is there', async () => {
    const name = await newStream();
    await put(name, [['k', 'old']]);
    const latest = await kinesisSource(client, name).read(FIRST, { kind: 'LATEST' }, 10, signal);
    expect(latest).toEqual({ records: [], millisBehindLatest: 0, exhausted: false });
  });

  test.each([0, 1])('a closed shard is exhausted after its last record, with %i records', async (count) => {
    const name = await newStream();
    if (count > 0) await put(name, [['k', 'a']]);
    await split(name, FIRST);
    const source = kinesisSource(client, name);
    await source.listShards(signal);
    let from: ReadPosition = HORIZON;
    let read = await source.read(FIRST, from, 10, signal);
    let found = read.records.length;
    for (let tries = 0; !read.exhausted && tries < 100; tries += 1) {
      const last = read.records.at(-1);
      if (last) from = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
      read = await source.read(FIRST, from, 10, signal);
      found += read.records.length;
    }
    expect(found).toBe(count);
    expect(read).toMatchObject({ records: [], exhausted: true });
  });

  test('an expired iterator is replaced, and nothing is skipped', async () => {
    const name = await newStream();
    await put(name, [['k', 'a']]);
    const source = kinesisSource(client, name);
    const [a] = (await source.read(FIRST, HORIZON, 10, signal)).records;
    await put(name, [['k', 'b']]);
    failNext('GetRecordsCommand', new ExpiredIteratorException({ message: 'expired', $metadata: {} }));
    const after: ReadPosition = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber ?? '' };
    expect(texts((await source.read(FIRST, after, 10, signal)).records)).toEqual(['b']);
  });

  test('a throughput limit rejects, and the next read goes on where the last one ended', async () => {
    const name = await newStream();
    await put(name, [
      ['k', 'a'],
      ['k', 'b'],
    ]);
    const source = kinesisSource(client, name);
    const [a] = (await source.read(FIRST, HORIZON, 1, signal)).records;
    failNext('GetRecordsCommand', new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} }));
    const after: ReadPosition = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber ?? '' };
    await expect(source.read(FIRST, after, 10, signal)).rejects.toThrow('slow down');
    expect(texts((await source.read(FIRST, after, 10, signal)).records)).toEqual(['b']);
  });
});

test('a mapping over a stream that is split delivers every record once, in key order, children after their parent', async () => {
  const name = await newStream(2);
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  const events = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index).flatMap((number) =>
      keys.map((key) => [key, String(number)] as const),
    );
  const delivered: { shardId: string; key: string; number: number }[] = [];
  const log: PollerEvent[] = [];
  const poller = new Poller({
    settings: {
      ...SETTINGS,
      streamArn: `arn:aws:kinesis:eu-west-1:111111111111:stream/${name}`,
      batchSize: 7,
      parallelizationFactor: 4,
    },
    options: { pollIntervalMs: 5, readLimit: 50 },
    ports: {
      source: kinesisSource(client, name),
      invoke: async ({ Records }) => {
        for (const { eventID, kinesis } of Records) {
          const shardId = eventID.split(':')[0] ?? '';
          delivered.push({ shardId, key: kinesis.partitionKey, number: Number(atob(kinesis.data)) });
        }
        return returned({ batchItemFailures: [] });
      },
      deliverOnFailure: async () => undefined,
      log: (event) => log.push(event),
    },
  });
  poller.start();
  await put(name, events(0, 10));
  failNext('GetRecordsCommand', new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} }), 2);
  await client.send(
    new SplitShardCommand({ StreamName: name, ShardToSplit: FIRST, NewStartingHashKey: (2n ** 126n).toString() }),
  );
  await active(name);
  await put(name, events(10, 20));
  await poller.drained(Date.now());
  await poller.stop();

  for (const key of keys) {
    const numbers = delivered.filter((event) => event.key === key).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index));
  }
  expect(new Set(delivered.map(({ shardId }) => shardId)).size).toBe(4);
  expect(poller.status()).toMatchObject([{ stage: 'done' }, { stage: 'open' }, { stage: 'open' }, { stage: 'open' }]);
  expect(log.every((event) => event.kind === 'port-failed' && String(event.error).includes('slow down'))).toBe(true);
});
