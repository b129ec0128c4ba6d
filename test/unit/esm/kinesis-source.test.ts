import { ExpiredIteratorException, ProvisionedThroughputExceededException } from '@aws-sdk/client-kinesis';
import { kinesisSource } from '../../../local/esm/kinesis-source.ts';
import type { ReadPosition } from '../../../local/esm/protocol.ts';
import { LocalKinesis } from './local-kinesis.ts';

const FIRST = 'shardId-000000000000';
const HALF = 2n ** 127n;
const HORIZON: ReadPosition = { kind: 'TRIM_HORIZON' };
const signal = new AbortController().signal;

let kinesis: LocalKinesis;

beforeAll(async () => {
  kinesis = await LocalKinesis.start();
});

afterAll(() => kinesis.stop());

const texts = (records: readonly { data: Uint8Array }[]) => records.map(({ data }) => Buffer.from(data).toString());

describe('a Kinesis stream as a shard source', () => {
  test('lists shards with the parents of splits and merges', async () => {
    const name = await kinesis.newStream();
    await kinesis.split(name, FIRST, HALF);
    await kinesis.merge(name, 'shardId-000000000001', 'shardId-000000000002');
    expect(await kinesisSource(kinesis.client, name).listShards(signal)).toEqual([
      { shardId: FIRST, parentShardIds: [] },
      { shardId: 'shardId-000000000001', parentShardIds: [FIRST] },
      { shardId: 'shardId-000000000002', parentShardIds: [FIRST] },
      { shardId: 'shardId-000000000003', parentShardIds: ['shardId-000000000001', 'shardId-000000000002'] },
    ]);
  });

  test('reads from the horizon in order, at most as many as asked for, and on after the last one', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [
      ['k', 'a'],
      ['k', 'b'],
      ['k', 'c'],
    ]);
    const source = kinesisSource(kinesis.client, name);
    const first = await source.read(FIRST, HORIZON, 2, signal);
    expect(texts(first.records)).toEqual(['a', 'b']);
    expect(first.records[0]).toMatchObject({ partitionKey: 'k', arrivalMs: expect.any(Number) });
    const last = first.records[1]?.sequenceNumber ?? '';
    const second = await source.read(FIRST, { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last }, 2, signal);
    expect(texts(second.records)).toEqual(['c']);
    expect(second.exhausted).toBe(false);
  });

  test('a position that is not where the last read ended is looked up afresh', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [
      ['k', 'a'],
      ['k', 'b'],
    ]);
    const source = kinesisSource(kinesis.client, name);
    const [a] = (await source.read(FIRST, HORIZON, 10, signal)).records;
    expect(texts((await source.read(FIRST, HORIZON, 10, signal)).records)).toEqual(['a', 'b']);
    const after: ReadPosition = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber ?? '' };
    expect(texts((await source.read(FIRST, after, 10, signal)).records)).toEqual(['b']);
  });

  test('AT_TIMESTAMP gives what arrived at that time or later, and answers even if that is nothing yet', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [['k', 'early']]);
    const source = kinesisSource(kinesis.client, name);
    const [early] = (await source.read(FIRST, HORIZON, 10, signal)).records;
    const from: ReadPosition = { kind: 'AT_TIMESTAMP', timestampMs: (early?.arrivalMs ?? 0) + 1 };
    expect(await source.read(FIRST, from, 10, signal)).toMatchObject({ records: [], millisBehindLatest: 1 });
    expect(await source.read(FIRST, from, 10, signal)).toMatchObject({ records: [], millisBehindLatest: 0 });
    await kinesis.put(name, [['k', 'late']]);
    expect(texts((await source.read(FIRST, from, 10, signal)).records)).toEqual(['late']);
  });

  test('LATEST gives nothing of what is there', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [['k', 'old']]);
    const latest = await kinesisSource(kinesis.client, name).read(FIRST, { kind: 'LATEST' }, 10, signal);
    expect(latest).toEqual({ records: [], millisBehindLatest: 0, exhausted: false });
  });

  test.each([0, 1])('a closed shard is exhausted after its last record, with %i records', async (count) => {
    const name = await kinesis.newStream();
    if (count > 0) await kinesis.put(name, [['k', 'a']]);
    await kinesis.split(name, FIRST, HALF);
    const source = kinesisSource(kinesis.client, name);
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
    const name = await kinesis.newStream();
    await kinesis.put(name, [['k', 'a']]);
    const source = kinesisSource(kinesis.client, name);
    const [a] = (await source.read(FIRST, HORIZON, 10, signal)).records;
    await kinesis.put(name, [['k', 'b']]);
    kinesis.failNext('GetRecordsCommand', new ExpiredIteratorException({ message: 'expired', $metadata: {} }));
    const after: ReadPosition = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber ?? '' };
    expect(texts((await source.read(FIRST, after, 10, signal)).records)).toEqual(['b']);
  });

  test('a throughput limit rejects, and the next read goes on where the last one ended', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [
      ['k', 'a'],
      ['k', 'b'],
    ]);
    const source = kinesisSource(kinesis.client, name);
    const [a] = (await source.read(FIRST, HORIZON, 1, signal)).records;
    kinesis.failNext(
      'GetRecordsCommand',
      new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} }),
    );
    const after: ReadPosition = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber ?? '' };
    await expect(source.read(FIRST, after, 10, signal)).rejects.toThrow('slow down');
    expect(texts((await source.read(FIRST, after, 10, signal)).records)).toEqual(['b']);
  });
});
