import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  ExpiredIteratorException,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import { systemEnvironment } from '../../../local/cli/environment.ts';
import { SERVICE_PACE, tailRecords } from '../../../local/cli/tail/reader.ts';
import { kinesisSource } from '../../../local/esm/kinesis-source.ts';
import type { ReadResult, ShardSource } from '../../../local/esm/ports.ts';
import type { ReadPosition } from '../../../local/esm/protocol.ts';
import { LocalKinesis } from '../esm/local-kinesis.ts';
import { type Tailing, tailing } from './tailing.ts';

const FIRST = 'shardId-000000000000';
const HALF = 2n ** 127n;
const HORIZON = { kind: 'horizon' } as const;
const details = { message: 'as AWS says it', $metadata: {} };

let kinesis: LocalKinesis;
const running: Tailing[] = [];
beforeAll(async () => {
  kinesis = await LocalKinesis.start();
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});
afterAll(() => kinesis.stop());

function tail(name: string, ...options: [Parameters<typeof tailing>[1]?]): Tailing {
  const one = tailing(kinesisSource(kinesis.client, name), options[0] ?? HORIZON);
  running.push(one);
  return one;
}

const KEYS = Array.from({ length: 16 }, (_, n) => `key-${n}`);

/** The next record of every key; numbers show the order. */
async function putRound(name: string, round: number): Promise<void> {
  await kinesis.put(
    name,
    KEYS.map((key) => [key, `${key}:${round}`] as const),
  );
}

function expectEachOnceInOrder(texts: readonly string[], rounds: number): void {
  for (const key of KEYS) {
    const own = texts.filter((text) => text.startsWith(`${key}:`));
    expect(own).toEqual(Array.from({ length: rounds }, (_, round) => `${key}:${round}`));
  }
}

describe('through resharding', () => {
  test('a split and a merge under way lose nothing, repeat nothing and keep the order of every key', async () => {
    const name = await kinesis.newStream();
    const { texts, until } = tail(name);
    let round = 0;
    const put = async (rounds: number) => {
      for (let n = 0; n < rounds; n++) await putRound(name, round++);
    };
    await put(3);
    await kinesis.split(name, FIRST, HALF);
    await put(3);
    await until(2 * KEYS.length);
    await kinesis.merge(name, 'shardId-000000000001', 'shardId-000000000002');
    await put(3);
    await kinesis.split(name, 'shardId-000000000003', HALF);
    await put(3);
    await until(12 * KEYS.length);
    expect(texts).toHaveLength(12 * KEYS.length);
    expectEachOnceInOrder(texts, 12);
  });

  test('resharding that is long past is read parents first', async () => {
    const name = await kinesis.newStream();
    await putRound(name, 0);
    await kinesis.split(name, FIRST, HALF);
    await putRound(name, 1);
    await kinesis.merge(name, 'shardId-000000000001', 'shardId-000000000002');
    await putRound(name, 2);
    const { texts, until } = tail(name);
    await until(3 * KEYS.length);
    expectEachOnceInOrder(texts, 3);
  });

  test('from now on: nothing that was there, and everything after, through a split', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [['k', 'old']]);
    const source = kinesisSource(kinesis.client, name);
    const read = Promise.withResolvers<void>();
    const watched: ShardSource = {
      listShards: (signal) => source.listShards(signal),
      read: async (...args) => {
        const result = await source.read(...args);
        read.resolve();
        return result;
      },
    };
    const one = tailing(watched, { kind: 'now' });
    running.push(one);
    await read.promise;
    await putRound(name, 0);
    await kinesis.split(name, FIRST, HALF);
    await putRound(name, 1);
    await one.until(2 * KEYS.length);
    expectEachOnceInOrder(one.texts, 2);
    expect(one.texts).not.toContain('old');
  });

  test('from a time on: what came before it is left out', async () => {
    const name = await kinesis.newStream();
    await kinesis.put(name, [['k', 'early']]);
    const before = Date.now();
    while (Date.now() === before) await nextTurn();
    const timestampMs = Date.now();
    await kinesis.put(name, [['k', 'late']]);
    const { texts, until } = tail(name, { kind: 'time', timestampMs });
    await until(1);
    expect(texts).toEqual(['late']);
  });
});

describe('what the service refuses', () => {
  test('an expired iterator is replaced without loss or repeats', async () => {
    const name = await kinesis.newStream();
    const { texts, until, waits } = tail(name);
    await putRound(name, 0);
    await until(KEYS.length);
    for (let round = 1; round <= 3; round++) {
      kinesis.failNext('GetRecordsCommand', new ExpiredIteratorException(details));
      await putRound(name, round);
      await until((round + 1) * KEYS.length);
    }
    expectEachOnceInOrder(texts, 4);
    expect(waits).toEqual([]);
  });

  test('the read limit of a shard is waited for with growing pauses, said once, and given up never', async () => {
    const name = await kinesis.newStream();
    await putRound(name, 0);
    kinesis.failNext('GetRecordsCommand', new ProvisionedThroughputExceededException(details), 20);
    const { texts, until, waits, sleeps } = tail(name);
    await until(KEYS.length);
    expectEachOnceInOrder(texts, 1);
    expect(waits.map(([what, { code }]) => [what, code])).toEqual([[FIRST, 'stream.throttled']]);
    const pauses = sleeps.slice(0, 20);
    expect(pauses.slice(0, 3)).toEqual([175, 300, 550]);
    expect(Math.max(...pauses)).toBe(5_050);
  });

  test('a network that fails for a while is waited for', async () => {
    const name = await kinesis.newStream();
    await putRound(name, 0);
    const { texts, until, waits } = tail(name);
    kinesis.failNext('GetRecordsCommand', Object.assign(new Error('reset'), { name: 'ECONNRESET' }), 7);
    await until(KEYS.length);
    expectEachOnceInOrder(texts, 1);
    expect(waits[0]?.[1].code).toBe('stream.unavailable');
  });

  test('one that stays away ends the tail with the reason', async () => {
    const name = await kinesis.newStream();
    kinesis.failNext('GetRecordsCommand', Object.assign(new Error('no route'), { name: 'ENOTFOUND' }), 8);
    expect(await tail(name).failed).toMatchObject({ code: 'stream.unavailable', message: 'ENOTFOUND: no route' });
  });

  test('a stream that is not there, or may not be read, ends it at once', async () => {
    const one = tail('no-such-stream');
    expect(await one.failed).toBeInstanceOf(ResourceNotFoundException);
    expect(one.sleeps).toEqual([]);
  });
});

/** A shard that gives out what it is told to, and forgets nothing that it was asked. */
function scripted(results: readonly ReadResult[]): ShardSource & { readonly reads: number } {
  let reads = 0;
  return {
    get reads() {
      return reads;
    },
    listShards: async () => [{ shardId: FIRST, parentShardIds: [] }],
    read: async () => results[Math.min(reads++, results.length - 1)] as ReadResult,
  };
}

const recordsOf = (count: number, bytes: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({
    sequenceNumber: String(from + n + 1),
    partitionKey: 'k',
    arrivalMs: 0,
    data: new Uint8Array(bytes),
  }));
const nothing = { records: [], millisBehindLatest: 0, exhausted: false };

test('the latest record is asked for once: from then on an iterator that expires skips nothing', async () => {
  const asked: ReadPosition[] = [];
  const source: ShardSource = {
    listShards: async () => [{ shardId: FIRST, parentShardIds: [] }],
    read: async (_, from) => {
      asked.push(from);
      return nothing;
    },
  };
  const startedMs = Date.now();
  const one = tailing(source, { kind: 'now' }, { ...SERVICE_PACE, clockToleranceMs: 5_000 });
  running.push(one);
  while (asked.length < 3) await nextTurn();
  const [first, second, third] = asked;
  expect(first).toEqual({ kind: 'LATEST' });
  expect(second).toEqual({ kind: 'AT_TIMESTAMP', timestampMs: expect.any(Number) });
  expect(third).toEqual(second);
  const { timestampMs } = second as Extract<ReadPosition, { kind: 'AT_TIMESTAMP' }>;
  expect(timestampMs - startedMs).toBeGreaterThanOrEqual(-5_000);
  expect(timestampMs).toBeLessThanOrEqual(Date.now() - 5_000);
});

describe('a guest among consumers', () => {
  test('takes half of what a shard gives, asks once a second at its end, and four times behind it', async () => {
    const source = scripted([
      { records: recordsOf(4, 1_000_000), millisBehindLatest: 5_000, exhausted: false },
      { records: recordsOf(1, 10, 10), millisBehindLatest: 5_000, exhausted: false },
      nothing,
    ]);
    const one = tailing(source, HORIZON, SERVICE_PACE);
    running.push(one);
    while (one.sleeps.length < 3) await nextTurn();
    expect(one.sleeps.slice(0, 3)).toEqual([4_000, 250, 1_000]);
  });

  test('reads no further than it is listened to', async () => {
    const source: ShardSource & { reads?: number } = scripted(
      Array.from({ length: 50 }, (_, n) => ({
        records: recordsOf(500, 1, n * 500),
        millisBehindLatest: 1,
        exhausted: false,
      })),
    );
    const records = tailRecords(source, {
      start: HORIZON,
      pace: { ...SERVICE_PACE, behindMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY },
      environment: systemEnvironment,
      signal: new AbortController().signal,
      onWait: () => undefined,
    });
    await records.next();
    for (let turn = 0; turn < 200; turn++) await nextTurn();
    expect(source.reads).toBeLessThanOrEqual(6);
    await records.return(undefined);
  });
});
