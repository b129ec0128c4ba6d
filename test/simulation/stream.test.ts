import fc from 'fast-check';
import { compareSequenceNumbers } from '../../local/esm/sequence.ts';
import { SimulatedStream } from '../support/simulate/stream.ts';

const START = Date.UTC(2026, 0, 1);

/** Puts and reshards in any order, some of them within one second. */
const anyHistory = fc.record({
  shards: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom('put', 'put', 'put', 'split', 'merge'),
      key: fc.integer({ min: 0, max: 30 }).map((n) => `key-${n}`),
      which: fc.nat(20),
      laterMs: fc.constantFrom(0, 1, 700, 60_000),
    }),
    { minLength: 1, maxLength: 60 },
  ),
});

type History = typeof anyHistory extends fc.Arbitrary<infer T> ? T : never;

function streamOf({ shards, steps }: History): SimulatedStream {
  const stream = new SimulatedStream('in', shards, START);
  let nowMs = START;
  for (const { kind, key, which, laterMs } of steps) {
    nowMs += laterMs;
    const { openShards } = stream;
    const shard = openShards[which % openShards.length];
    if (kind === 'put') stream.put(key, Buffer.from('{}'), nowMs);
    else if (shard !== undefined && kind === 'split') stream.split(shard, 0.5, nowMs);
    else if (shard !== undefined) {
      const upper = openShards.find(({ fromHash }) => fromHash === shard.toHash);
      if (upper !== undefined) stream.merge(shard, upper, nowMs);
    }
  }
  return stream;
}

const holds = (promise: (stream: SimulatedStream) => void) =>
  fc.assert(fc.property(anyHistory, (history) => promise(streamOf(history))));

describe('the simulated stream', () => {
  test('has sequence numbers of 56 digits that grow with every record of a key, over splits and merges', () => {
    holds((stream) => {
      const last = new Map<string, string>();
      for (const { partitionKey, sequenceNumber } of stream.records) {
        expect(sequenceNumber).toMatch(/^\d{56}$/);
        const before = last.get(partitionKey);
        if (before !== undefined) expect(compareSequenceNumbers(before, sequenceNumber)).toBeLessThan(0);
        last.set(partitionKey, sequenceNumber);
      }
    });
  });

  test("numbers a child shard's records above all of its parents'", () => {
    holds((stream) => {
      for (const { records, parentShardIds } of stream.listShards()) {
        const [first] = records;
        const parents = parentShardIds.flatMap((id) => stream.shard(id).records);
        for (const { sequenceNumber } of first === undefined ? [] : parents) {
          expect(compareSequenceNumbers(sequenceNumber, first?.sequenceNumber ?? '')).toBeLessThan(0);
        }
      }
    });
  });

  test('has an open shard for every hash, and only one', () => {
    holds((stream) => {
      const ranges = stream.openShards.map(({ fromHash, toHash }) => [fromHash, toHash] as const);
      ranges.sort(([a], [b]) => (a < b ? -1 : 1));
      expect(ranges.at(0)?.[0]).toBe(0n);
      expect(ranges.at(-1)?.[1]).toBe(2n ** 128n);
      ranges.slice(1).forEach(([from], nth) => {
        expect(from).toBe(ranges[nth]?.[1]);
      });
    });
  });

  test('is read from any record on, in order, and ends where it is closed', () => {
    const stream = new SimulatedStream('in', 1, START);
    const [a, b, c] = ['a', 'b', 'c'].map((key) => stream.put(key, Buffer.from('{}'), START));
    const [shard] = stream.openShards;
    if (shard === undefined || a === undefined || c === undefined) throw new Error('The stream is empty');
    const from = (sequenceNumber: string) => ({ kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber }) as const;
    expect(stream.read(shard.shardId, { kind: 'TRIM_HORIZON' }, 2, START).records).toEqual([a, b]);
    expect(stream.read(shard.shardId, from(a.sequenceNumber), 9, START)).toMatchObject({
      records: [b, c],
      millisBehindLatest: 0,
      exhausted: false,
    });
    stream.split(shard, 0.5, START);
    expect(stream.read(shard.shardId, from(c.sequenceNumber), 9, START)).toMatchObject({
      records: [],
      exhausted: true,
    });
  });
});
