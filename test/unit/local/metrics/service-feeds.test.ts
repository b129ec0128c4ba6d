import type { ConsumedUnits, Exchange } from '../../../../local/emulators/front.ts';
import { serviceFeed } from '../../../../local/metrics/service-feeds.ts';
import { MetricStore } from '../../../../local/metrics/store.ts';

type Service = Exchange['service'];
type Asked = [operation: string, input: object, output?: object, status?: number];

/** A feed, what passes through it, and sums of what it measured. */
function measured() {
  const store = new MetricStore();
  let nowMs = 1_000;
  const take = serviceFeed(store, () => nowMs);
  const exchange = (
    service: Service,
    [operation, input, output = {}, status = 200]: Asked,
    more: Partial<Exchange['response']> = {},
  ) =>
    take({
      service,
      operation,
      input: () => JSON.parse(JSON.stringify(input)),
      response: { status, headers: {}, body: Buffer.from(JSON.stringify(output)), ...more },
    });
  const total = (namespace: string, dimension: string) => (name: string, value: string) => {
    const { count, sum } = store.statistics({ namespace, name, dimensions: { [dimension]: value } });
    return count === 0 ? undefined : sum;
  };
  return {
    store,
    setClock: (ms: number) => {
      nowMs = ms;
    },
    kinesis: (...asked: Asked) => exchange('kinesis', asked),
    dynamodb: (...asked: Asked) => exchange('dynamodb', asked),
    wrote: (writeUnits: readonly ConsumedUnits[]) =>
      exchange('dynamodb', ['PutItem', { TableName: 'users' }], { writeUnits }),
    ofStream: total('AWS/Kinesis', 'StreamName'),
    ofTable: total('AWS/DynamoDB', 'TableName'),
  };
}

const bytes = (count: number) => Buffer.alloc(count).toString('base64');
const THROTTLED = { __type: 'ProvisionedThroughputExceededException', message: 'Rate exceeded' };
const refused = (ErrorCode: string) => ({ ErrorCode, ErrorMessage: 'no' });
const TAKEN = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };

describe('what Kinesis measures of puts', () => {
  const sums = ({ ofStream }: ReturnType<typeof measured>, stream = 'shop') =>
    ['IncomingRecords', 'IncomingBytes', 'WriteProvisionedThroughputExceeded'].map((name) => ofStream(name, stream));

  test('records and the bytes that were in their base64', () => {
    const cloud = measured();
    cloud.kinesis(
      'PutRecords',
      { StreamName: 'shop', Records: [{ Data: bytes(10) }, { Data: bytes(7) }] },
      {
        Records: [TAKEN, { ...TAKEN, ErrorCode: null }],
      },
    );
    cloud.kinesis('PutRecord', { StreamName: 'shop', Data: bytes(100) }, TAKEN);
    expect(sums(cloud)).toEqual([3, 117, 0]);
  });

  test('of a put that is taken in part, only what was taken came in, and only what was throttled was throttled', () => {
    const cloud = measured();
    const Records = [10, 20, 40, 80].map((size) => ({ Data: bytes(size) }));
    cloud.kinesis(
      'PutRecords',
      { StreamName: 'shop', Records },
      {
        FailedRecordCount: 3,
        Records: [refused(THROTTLED.__type), TAKEN, refused('InternalFailure'), refused(THROTTLED.__type)],
      },
    );
    expect(sums(cloud)).toEqual([1, 20, 2]);
  });

  test('all records of a put that was refused for want of throughput were throttled', () => {
    const cloud = measured();
    const Records = [{ Data: bytes(1) }, { Data: bytes(1) }, { Data: bytes(1) }];
    cloud.kinesis('PutRecords', { StreamName: 'shop', Records }, THROTTLED, 400);
    cloud.kinesis('PutRecord', { StreamName: 'shop', Data: bytes(1) }, THROTTLED, 400);
    expect(sums(cloud)).toEqual([undefined, undefined, 4]);
  });

  test.each([
    ['that says too little', { StreamName: 'shop', Records: [{}] }, { __type: 'SerializationException' }, 400],
    [
      'that is too large',
      { StreamName: 'shop', Records: [{ Data: bytes(9) }] },
      { __type: 'ValidationException' },
      400,
    ],
    ['that the service failed at', { StreamName: 'shop', Data: bytes(9) }, { __type: 'InternalFailure' }, 500],
  ])('a put %s was not throttled, and nothing came in', (_, input, output, status) => {
    const cloud = measured();
    cloud.kinesis('PutRecords', input, output, status);
    expect(sums(cloud)).toEqual([undefined, undefined, undefined]);
  });

  test('a stream named by its ARN is the same stream, and streams stay apart', () => {
    const cloud = measured();
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/shop';
    cloud.kinesis('PutRecord', { StreamARN, Data: bytes(1) }, TAKEN);
    cloud.kinesis('PutRecord', { StreamName: 'shop', Data: bytes(2) }, TAKEN);
    cloud.kinesis('PutRecord', { StreamName: 'updates', Data: bytes(4) }, TAKEN);
    expect([sums(cloud), sums(cloud, 'updates')]).toEqual([
      [2, 3, 0],
      [1, 4, 0],
    ]);
  });

  test('a measurement has the time at which it was made', () => {
    const cloud = measured();
    for (const ms of [60_000, 120_000]) {
      cloud.setClock(ms);
      cloud.kinesis('PutRecord', { StreamName: 'shop', Data: bytes(1) }, TAKEN);
    }
    const query = { namespace: 'AWS/Kinesis', name: 'IncomingRecords', dimensions: { StreamName: 'shop' } };
    expect(cloud.store.statistics({ ...query, sinceMs: 120_000, untilMs: 180_000 }).sum).toBe(1);
  });
});

describe('what Kinesis measures of reads', () => {
  const AGE = 'GetRecords.IteratorAgeMilliseconds';
  const THROTTLES = 'ReadProvisionedThroughputExceeded';
  const answer = (MillisBehindLatest: number, NextShardIterator?: string) => ({
    Records: [{ Data: bytes(1), PartitionKey: '"MillisBehindLatest":1,"NextShardIterator":"mine"' }],
    ...(NextShardIterator === undefined ? {} : { NextShardIterator }),
    MillisBehindLatest,
  });

  test('a read that names its stream by its iterator alone, and every next one', () => {
    const cloud = measured();
    cloud.kinesis('GetShardIterator', { StreamName: 'shop', ShardId: 's' }, { ShardIterator: 'i1' });
    cloud.kinesis('GetShardIterator', { StreamName: 'updates', ShardId: 's' }, { ShardIterator: 'u1' });
    cloud.kinesis('GetRecords', { ShardIterator: 'i1' }, answer(500, 'i2'));
    cloud.kinesis('GetRecords', { ShardIterator: 'u1' }, answer(9_000, 'u2'));
    cloud.kinesis('GetRecords', { ShardIterator: 'i2' }, answer(70));
    expect([cloud.ofStream(AGE, 'shop'), cloud.ofStream(AGE, 'updates')]).toEqual([570, 9_000]);
  });

  test('a throttled read counts once, says no age, and its iterator still names the stream when it is used again', () => {
    const cloud = measured();
    cloud.kinesis('GetShardIterator', { StreamName: 'shop', ShardId: 's' }, { ShardIterator: 'i1' });
    cloud.kinesis('GetRecords', { ShardIterator: 'i1' }, THROTTLED, 400);
    expect([cloud.ofStream(THROTTLES, 'shop'), cloud.ofStream(AGE, 'shop')]).toEqual([1, undefined]);
    cloud.kinesis('GetRecords', { ShardIterator: 'i1' }, answer(20, 'i2'));
    expect([cloud.ofStream(THROTTLES, 'shop'), cloud.ofStream(AGE, 'shop')]).toEqual([1, 20]);
  });

  test('the end of a shard has no next iterator', () => {
    const cloud = measured();
    cloud.kinesis('GetShardIterator', { StreamName: 'shop', ShardId: 's' }, { ShardIterator: 'i1' });
    cloud.kinesis('GetRecords', { ShardIterator: 'i1' }, { ...answer(0), NextShardIterator: null });
    expect(cloud.ofStream(AGE, 'shop')).toBe(0);
  });

  test('an iterator that came before 10,000 others is forgotten: its reads are not measured, and those of the others are', () => {
    const cloud = measured();
    for (let n = 0; n <= 10_000; n += 1) {
      const stream = n === 0 ? 'old' : 'shop';
      cloud.kinesis('GetShardIterator', { StreamName: stream, ShardId: 's' }, { ShardIterator: `i${n}` });
    }
    cloud.kinesis('GetRecords', { ShardIterator: 'i0' }, answer(5, 'next'));
    cloud.kinesis('GetRecords', { ShardIterator: 'i1' }, answer(7, 'next'));
    expect([cloud.ofStream(AGE, 'old'), cloud.ofStream(AGE, 'shop')]).toEqual([undefined, 7]);
  });

  test('operations that are not measured are not looked into', () => {
    const cloud = measured();
    cloud.kinesis('DescribeStream', { StreamName: 'shop' }, { StreamDescription: {} });
    expect(cloud.store.metrics()).toEqual([]);
  });
});

describe('what DynamoDB measures of throttles', () => {
  const READ = 'ReadThrottleEvents';
  const WRITE = 'WriteThrottleEvents';

  test('each item of a batch over several tables is an event of its table', () => {
    const cloud = measured();
    const keys = (count: number) => ({ Keys: Array.from({ length: count }, (_, n) => ({ id: { S: `k${n}` } })) });
    cloud.dynamodb('BatchGetItem', { RequestItems: { users: keys(3), carts: keys(1) } }, THROTTLED, 400);
    expect(['users', 'carts'].map((table) => cloud.ofTable(READ, table))).toEqual([3, 1]);
    const puts = { RequestItems: { users: [{ PutRequest: {} }, { DeleteRequest: {} }] } };
    cloud.dynamodb('BatchWriteItem', puts, THROTTLED, 400);
    expect([cloud.ofTable(WRITE, 'users'), cloud.ofTable(WRITE, 'carts')]).toEqual([2, undefined]);
  });

  test.each([
    ['PutItem', WRITE],
    ['UpdateItem', WRITE],
    ['DeleteItem', WRITE],
    ['GetItem', READ],
    ['Query', READ],
    ['Scan', READ],
  ])('a throttled %s is one of %s', (operation, name) => {
    const cloud = measured();
    cloud.dynamodb(operation, { TableName: 'users' }, THROTTLED, 400);
    const dimensions = { TableName: 'users' };
    expect(cloud.store.metrics()).toEqual([{ namespace: 'AWS/DynamoDB', name, dimensions }]);
    expect(cloud.ofTable(name, 'users')).toBe(1);
  });

  test('what is served or refused for another reason is none', () => {
    const cloud = measured();
    cloud.dynamodb('PutItem', { TableName: 'users' }, { __type: 'ConditionalCheckFailedException' }, 400);
    cloud.dynamodb('GetItem', { TableName: 'users' }, { Item: { text: { S: THROTTLED.__type } } });
    expect([READ, WRITE].map((name) => cloud.ofTable(name, 'users'))).toEqual([undefined, undefined]);
  });
});

describe('what DynamoDB measures of capacity', () => {
  const READS = 'ConsumedReadCapacityUnits';
  const WRITES = 'ConsumedWriteCapacityUnits';

  test('write units of a table are without those of its indexes, which are measured by themselves', () => {
    const cloud = measured();
    cloud.wrote([
      { table: 'users', units: 3 },
      { table: 'users', index: 'bySegment', units: 2 },
    ]);
    cloud.wrote([{ table: 'users', units: 1 }]);
    expect(cloud.ofTable(WRITES, 'users')).toBe(4);
    const dimensions = { TableName: 'users', GlobalSecondaryIndexName: 'bySegment' };
    expect(cloud.store.statistics({ namespace: 'AWS/DynamoDB', name: WRITES, dimensions }).sum).toBe(2);
  });

  test('read units by what was read; a read that was refused costs none', () => {
    const cloud = measured();
    cloud.dynamodb('GetItem', { TableName: 'users', Key: {} }, { Item: { id: { S: 'a' } } });
    cloud.dynamodb('GetItem', { TableName: 'users', Key: {} }, { __type: 'ValidationException' }, 400);
    cloud.dynamodb('GetItem', { TableName: 'users', Key: {} }, THROTTLED, 400);
    expect(cloud.ofTable(READS, 'users')).toBe(0.5);
  });
});
