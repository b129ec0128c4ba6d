import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAggregate, userRecords } from '../../../lambdas/runtime/decode/aggregate.ts';
import { decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { said, settings } from './reading.ts';

const dataOf = <T>(file: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../data/kpl', file), 'utf8')) as T;

interface Vector {
  readonly name: string;
  readonly data_base64: string;
  readonly aggregated: boolean;
  readonly user_records: readonly { readonly partitionKey: string; readonly data_base64: string }[];
}
const vectors = dataOf<readonly Vector[]>('kpl_vectors.json');

describe('records that the real KPL has made', () => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const data = Buffer.from(vector.data_base64, 'base64');
    expect(isAggregate(data)).toBe(vector.aggregated);
    if (!vector.aggregated) return;
    const found = userRecords(data, 10).map((one) => ({
      partitionKey: one.partitionKey,
      data_base64: Buffer.from(one.data).toString('base64'),
    }));
    expect(found).toEqual(vector.user_records.map(({ partitionKey, data_base64 }) => ({ partitionKey, data_base64 })));
  });

  test('are both kinds', () => {
    expect(vectors.map(({ aggregated }) => aggregated)).toEqual([true, false]);
  });

  test('decode to one rejection for each user record, with its bytes, since they hold no CloudEvents', () => {
    for (const { data_base64, user_records } of vectors) {
      const data = Buffer.from(data_base64, 'base64');
      const record = { shard: 'shardId-0', sequence: '1', partitionKey: 'a', arrivalMs: 0, data };
      const { items } = decodeRecord(record, { ...settings, kplProducers: true });
      expect(said(items)).toEqual(user_records.map(() => 'record.not-json'));
      expect(items.map((item) => item.kind === 'rejected' && Buffer.from(item.payload()).toString('base64'))).toEqual(
        user_records.map((one) => one.data_base64),
      );
    }
  });
});

interface Sample {
  readonly Records: readonly {
    readonly eventID: string;
    readonly kinesis: {
      readonly partitionKey: string;
      readonly sequenceNumber: string;
      readonly data: string;
      readonly approximateArrivalTimestamp: number;
    };
  }[];
}

describe.each(['powertools_typescript_stream.json', 'powertools_python_kinesisStreamEvent.json'])(
  'the Lambda event %s',
  (file) => {
    const { Records } = dataOf<Sample>(file);

    test('is read without a crash: each record is rejected at its place, with its text', () => {
      const read = Records.map(({ eventID, kinesis }) =>
        decodeRecord(
          {
            shard: eventID.split(':')[0] ?? '',
            sequence: kinesis.sequenceNumber,
            partitionKey: kinesis.partitionKey,
            arrivalMs: Math.round(kinesis.approximateArrivalTimestamp * 1000),
            data: Buffer.from(kinesis.data, 'base64'),
          },
          settings,
        ),
      );
      const shard = 'shardId-000000000006';
      expect(read.map(({ items }) => items)).toMatchObject([
        [
          {
            kind: 'rejected',
            cause: { code: 'record.not-json' },
            position: { shard, sequence: expect.stringMatching(/588898$/), index: 0 },
          },
        ],
        [
          {
            kind: 'rejected',
            cause: { code: 'record.not-json' },
            position: { shard, sequence: expect.stringMatching(/515618$/), index: 0 },
          },
        ],
      ]);
      const texts = read.flatMap(({ items }) =>
        items.map((item) => item.kind === 'rejected' && Buffer.from(item.payload()).toString()),
      );
      expect(texts).toEqual(['Hello, this is a test.', 'This is only a test.']);
    });
  },
);
