import fc from 'fast-check';
import {
  advance,
  compareSequence,
  isCovered,
  type Mark,
  type Marks,
  markKey,
  type Position,
  prune,
} from '../../../lambdas/core/position.ts';

const at = (sequence: string | number, index = 0, shard = 'shardId-000000000003'): Position => ({
  stream: 'shop',
  shard,
  sequence: String(sequence),
  index,
});
const [earlier, later] = [
  '49590338271490256608559692538361571095921575989136588898',
  '49590338271490256608559692540925702759324208523137515618',
];

describe('sequence numbers', () => {
  test.each<[string, string, string, number]>([
    ['are first by value', '5', '7', -1],
    ['are not compared as text: 9 is before 10', '9', '10', -1],
    ['are equal to themselves', earlier, earlier, 0],
    ['differ beyond what a double can tell', earlier, later, -1],
    ['differ in the last of 56 digits', `${earlier.slice(0, -1)}7`, earlier, -1],
    ['may have leading zeros', '0007', '7', 0],
    ['with leading zeros are not longer', '0009', '10', -1],
    ['may be zero', '0', '00', 0],
    ['that are zero are before others', '000', '1', -1],
  ])('%s', (_, a, b, order) => {
    expect([Math.sign(compareSequence(a, b)), Math.sign(compareSequence(b, a))]).toEqual([
      order,
      order === 0 ? 0 : -order,
    ]);
  });

  test('are compared as integers, whatever their length', () => {
    const digits = fc.stringMatching(/^\d{1,60}$/);
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        const [x, y] = [BigInt(a), BigInt(b)];
        expect(Math.sign(compareSequence(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });
});

describe('the mark of a shard', () => {
  test.each([
    ['shardId-000000000003', 'shop:3'],
    ['shardId-000000000000', 'shop:0'],
    ['shardId-000000000120', 'shop:120'],
    ['shardId-123456789012', 'shop:123456789012'],
  ])('of %s is kept as %s', (shard, key) => {
    expect(markKey(at(1, 0, shard))).toBe(key);
  });
});

describe('marks', () => {
  const marks = advance({}, at(100, 3), 1_700_000_000_999);

  test('keep sequence number, index and the second of arrival', () => {
    expect(marks).toEqual({ 'shop:3': { sequence: '100', index: 3, arrival: 1_700_000_000 } });
  });

  test.each<[string, Position, boolean]>([
    ['the position itself', at(100, 3), true],
    ['an earlier event of the same record', at(100, 2), true],
    ['a later event of the same record', at(100, 4), false],
    ['an earlier record, whatever its index', at(99, 9), true],
    ['an earlier record with fewer digits', at(9), true],
    ['a later record, whatever its index', at(101, 0), false],
    ['another shard', at(1, 0, 'shardId-000000000004'), false],
    ['a shard whose number ends alike', at(1, 0, 'shardId-000000000013'), false],
    ['another stream', { ...at(1), stream: 'shop-2' }, false],
  ])('cover %s: %#', (_, position, covered) => {
    expect(isCovered(marks, position)).toBe(covered);
  });

  test('of nothing cover nothing', () => {
    expect(isCovered({}, at(0))).toBe(false);
  });

  test('never go back', () => {
    expect(advance(marks, at(99, 9), 1_800_000_000_000)).toBe(marks);
    expect(advance(marks, at(100, 3), 1_800_000_000_000)).toBe(marks);
  });

  test('advance a shard without touching the others', () => {
    const both = advance(marks, at(7, 0, 'shardId-000000000004'), 0);
    expect(advance(both, at(101), 2_000)).toEqual({
      'shop:3': { sequence: '101', index: 0, arrival: 2 },
      'shop:4': { sequence: '7', index: 0, arrival: 0 },
    });
  });

  test('that have advanced cover what they have passed and nothing else', () => {
    const position = fc.tuple(fc.nat(20), fc.nat(3), fc.constantFrom('shardId-0', 'shardId-1'));
    fc.assert(
      fc.property(fc.array(position, { maxLength: 10 }), position, (passed, [sequence, index, shard]) => {
        const reached = passed.reduce<Marks>((so, [s, i, of]) => advance(so, at(s, i, of), 0), {});
        const furthest = passed.some(([s, i, of]) => of === shard && (s > sequence || (s === sequence && i >= index)));
        expect(isCovered(reached, at(sequence, index, shard))).toBe(furthest);
      }),
    );
  });
});

describe('pruning', () => {
  const HOUR_MS = 3_600_000;
  const mark = (arrivalMs: number): Mark => ({ sequence: '1', index: 0, arrival: Math.floor(arrivalMs / 1000) });
  const now = 1_700_000_000_500;

  test.each<[string, number, boolean]>([
    ['keeps what has just come', now, true],
    ['keeps what may still be in the stream', now - 24 * HOUR_MS, true],
    ['keeps a record of the second in which retention ends', now - 24 * HOUR_MS + 400, true],
    ['forgets what has left the stream', now - 24 * HOUR_MS - 1_000, false],
  ])('%s', (_, arrivalMs, kept) => {
    expect('shop:3' in prune({ 'shop:3': mark(arrivalMs) }, now, 24)).toBe(kept);
  });

  test('never forgets a record before the stream does, to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 5_000 }), (arrived, asked) => {
        const arrivalMs = now + arrived;
        const nowMs = now + 24 * HOUR_MS + asked;
        if (arrivalMs + 24 * HOUR_MS < nowMs) return;
        expect(prune({ 'shop:3': mark(arrivalMs) }, nowMs, 24)).toHaveProperty(['shop:3']);
      }),
    );
  });

  test('gives the very same marks if none goes, and only the others if one does', () => {
    const marks = { 'shop:1': mark(now), 'shop:2': mark(now - 25 * HOUR_MS) };
    expect(prune(marks, now, 26)).toBe(marks);
    expect(prune(marks, now, 24)).toEqual({ 'shop:1': mark(now) });
  });

  test('keeps everything where nothing ever leaves', () => {
    const marks = { 'shop:1': mark(0) };
    expect(prune(marks, now, Number.POSITIVE_INFINITY)).toBe(marks);
  });
});
