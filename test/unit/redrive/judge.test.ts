import type { Ids } from '../../../lambdas/core/ids.ts';
import { type Copy, claimOf, judge, REDRIVE, type RedriveMark, reachesBack } from '../../../lambdas/core/redrive.ts';
import type { Row } from '../../../lambdas/core/row.ts';

const MINUTE = 60_000;
const ARRIVAL = Date.UTC(2026, 10, 1, 12);
const NOW = ARRIVAL + 60 * MINUTE;
const ID = 7n;

const rejected: Copy = { fate: 'rejected', idHash: ID, sequence: '100', arrivalMs: ARRIVAL };
const discarded: Copy = { ...rejected, fate: 'discarded' };

/** Ids that are not the event's: so many, the oldest so many minutes after the event's arrival. */
const others = (count: number, fromMinute: number): Ids => [
  { minute: ARRIVAL / MINUTE + fromMinute, hashes: Array.from({ length: count }, (_, n) => BigInt(1_000 + n)) },
];

const rowWith = (ids: Ids, passedMs = NOW): Row => ({
  key: 'k',
  version: 9,
  epoch: 'e',
  schema: 1,
  token: 't',
  // Beyond the event's position, which proves nothing.
  marks: { 'in:0': { sequence: '900', index: 0, arrival: passedMs / 1000 } },
  ids,
  outbox: undefined,
  state: {},
});

const mark = (sinceMs: number, more: Partial<RedriveMark> = {}): RedriveMark => ({
  token: 'm',
  firstMs: sinceMs,
  lastMs: sinceMs,
  ...more,
});

const verdictOf = (copy: Copy, row?: Row, left?: RedriveMark, arrivalsInOrder = true) =>
  judge(copy, { row, mark: left, nowMs: NOW, arrivalsInOrder });

const unapplied = { kind: 'unapplied', proof: 'ids' };
const byLetter = { ...unapplied, proof: 'letter' };
const short = rowWith(others(31, 0));
const reaching = rowWith(others(40, -10));
const forgetful = rowWith(others(40, 1));

describe('an event that nobody has redriven', () => {
  test.each<[string, Copy, Row | undefined, object]>([
    ['is applied if its row knows its id', discarded, rowWith([{ minute: 0, hashes: [ID] }]), { kind: 'applied' }],
    ['of a key without a row is not', discarded, undefined, unapplied],
    ['is not, if the row has forgotten no id yet', discarded, short, unapplied],
    ['is not, if the ids reach back to before it', discarded, reaching, unapplied],
    ['cannot be judged if they do not, whatever the position', discarded, forgetful, { kind: 'unproven' }],
    ['was not applied if it was rejected, by the word of its letter', rejected, forgetful, byLetter],
    ['was not applied if it was rejected and the ids reach back', rejected, reaching, unapplied],
    [
      'though rejected is applied if the row knows its id',
      rejected,
      rowWith([{ minute: 0, hashes: [ID] }]),
      { kind: 'applied' },
    ],
  ])('%s', (_, copy, row, expected) => expect(verdictOf(copy, row)).toEqual(expected));
});

describe('how far ids reach', () => {
  const row = rowWith(others(32, 0));
  test('is told by the end of the minute of the oldest', () => {
    expect(reachesBack(row, ARRIVAL + MINUTE, true)).toBe(true);
    expect(reachesBack(row, ARRIVAL + MINUTE - 1, true)).toBe(false);
  });
  test('is unknown where arrivals are the producer’s, unless none was forgotten', () => {
    expect(reachesBack(row, NOW, false)).toBe(false);
    expect(reachesBack(short, 0, false)).toBe(true);
  });
  test('has to be the window of deduplication further than the event, since its producer may have sent it before', () => {
    expect(verdictOf(discarded, rowWith(others(32, -5)))).toEqual({ kind: 'unproven' });
    expect(verdictOf(discarded, rowWith(others(32, -6)))).toEqual(unapplied);
  });
});

describe('an event that was redriven before', () => {
  test('is in the stream, if its mark says where, behind this record', () => {
    expect(verdictOf(rejected, forgetful, mark(NOW, { sequence: '101' }))).toEqual({
      kind: 'in-stream',
      sequence: '101',
    });
    expect(verdictOf(rejected, forgetful, mark(NOW, { sequence: '1001' })).kind).toBe('in-stream');
  });
  test('is in the stream under a lower number as well: a misrouted one goes to another shard, which may be older than that of its letter', () => {
    const older = mark(ARRIVAL, { sequence: '99' });
    expect(verdictOf(rejected, forgetful, older)).toEqual({ kind: 'in-stream', sequence: '99' });
  });
  test('is judged anew, if this is the very record of the mark: it was rejected again', () => {
    expect(verdictOf(rejected, forgetful, mark(ARRIVAL, { sequence: '100' }))).toEqual(byLetter);
    expect(verdictOf(discarded, forgetful, mark(ARRIVAL, { sequence: '100' }))).toEqual({ kind: 'unproven' });
  });
  test('stays in doubt, if an earlier claim of the mark may have put another record', () => {
    const twice = mark(ARRIVAL, { lastMs: ARRIVAL + MINUTE, sequence: '100' });
    expect(verdictOf(rejected, rowWith(others(5, 0), ARRIVAL), twice)).toEqual({ kind: 'in-doubt', sinceMs: ARRIVAL });
  });
});

describe('a claim without a record', () => {
  const idle = rowWith(others(5, 0), ARRIVAL);

  test('may be repeated soon after, and keeps the time of the first', () => {
    const since = NOW - REDRIVE.repeatMs;
    expect(verdictOf(rejected, idle, mark(since))).toEqual({ ...unapplied, repeats: since });
    expect(verdictOf(rejected, idle, mark(since - 1))).toEqual({ kind: 'in-doubt', sinceMs: since - 1 });
  });
  test('may not be repeated if the row forgets ids so fast that it could have forgotten this one', () => {
    const busy = rowWith(others(256, 59), NOW);
    expect(verdictOf(rejected, busy, mark(NOW - MINUTE))).toEqual({ kind: 'in-doubt', sinceMs: NOW - MINUTE });
  });
  test('came to nothing, if the row has passed every record that it can have put, and does not know the id', () => {
    const claimed = mark(NOW - 20 * MINUTE);
    const latestPut = claimed.lastMs + REDRIVE.claimMs + REDRIVE.putMs;
    expect(verdictOf(rejected, rowWith(others(5, 0), latestPut + 2 * MINUTE), claimed)).toEqual(unapplied);
    expect(verdictOf(rejected, rowWith(others(5, 0), latestPut), claimed).kind).toBe('in-doubt');
    expect(verdictOf(rejected, rowWith(others(40, 50), latestPut + 2 * MINUTE), claimed).kind).toBe('in-doubt');
  });
  test('and all that it allows ends within the window for which rows keep ids', () => {
    expect(REDRIVE.repeatMs + REDRIVE.claimMs + REDRIVE.putMs).toBeLessThan(5 * MINUTE);
  });
});

describe('a claim', () => {
  test('that is the only one has one time, even if the clock moves on between judging and claiming', () => {
    expect(claimOf(undefined, NOW, 't')).toEqual({ token: 't', firstMs: NOW, lastMs: NOW });
  });
  test('that repeats another is told from an only one, even in the same millisecond or by a clock that is behind', () => {
    expect(claimOf(NOW, NOW, 't')).toEqual({ token: 't', firstMs: NOW, lastMs: NOW + 1 });
    expect(claimOf(NOW, NOW - 5_000, 't')).toEqual({ token: 't', firstMs: NOW, lastMs: NOW + 1 });
  });
});
