import fc from 'fast-check';
import { unreadOf } from '../../../local/cli/status/unread.ts';

const HOUR = 3_600_000;
const nowMs = Date.UTC(2026, 10, 21);
const stage = { nowMs, retentionHours: 168 };

test('what is unread for two hours in a stream of seven days is lost in 166', () => {
  expect(unreadOf({ ...stage, behindMs: [0, 2 * HOUR, 5_000] })).toEqual({
    kind: 'some',
    arrivedAt: '2026-11-20T22:00:00.000Z',
    expiresAt: '2026-11-27T22:00:00.000Z',
    hoursLeft: 166,
    unknownShards: 0,
  });
});

test('a lane that stands still is not hidden by checkpoints of lanes that go on', () => {
  const blocked = { atMs: nowMs - 60_000, ms: 10 * HOUR };
  expect(unreadOf({ ...stage, behindMs: [0, 1_000], iteratorAge: blocked })).toMatchObject({
    arrivedAt: '2026-11-20T13:59:00.000Z',
  });
});

test('an iterator age of before a pause counts from then, so that time goes on', () => {
  const before = { atMs: nowMs - 100 * HOUR, ms: 0 };
  expect(unreadOf({ ...stage, behindMs: [undefined], iteratorAge: before })).toMatchObject({ hoursLeft: 68 });
});

test('nothing is unread where every shard is read to its tip', () => {
  expect(unreadOf({ ...stage, behindMs: [0, 0] })).toEqual({ kind: 'none' });
});

test('a shard of which nothing is known makes no promise', () => {
  expect(unreadOf({ ...stage, behindMs: [0, undefined] })).toEqual({ kind: 'unknown' });
});

test('shards of which nothing is known are counted where others tell, unless the iterator age speaks for all', () => {
  const behindMs = [undefined, 5_000, undefined];
  expect(unreadOf({ ...stage, behindMs })).toMatchObject({ kind: 'some', unknownShards: 2 });
  const iteratorAge = { atMs: nowMs, ms: 1_000 };
  expect(unreadOf({ ...stage, behindMs, iteratorAge })).toMatchObject({ kind: 'some', unknownShards: 0 });
});

test('the time left is never negative, and never longer than the oldest evidence allows', () => {
  const age = fc.integer({ min: 0, max: 400 * HOUR });
  const evidence = fc.record({
    behindMs: fc.array(fc.option(age, { nil: undefined }), { minLength: 1 }),
    iteratorAge: fc.record({ atMs: age.map((ms) => nowMs - ms), ms: age }),
    retentionHours: fc.integer({ min: 24, max: 8_760 }),
  });
  fc.assert(
    fc.property(evidence, ({ behindMs, iteratorAge, retentionHours }) => {
      const unread = unreadOf({ nowMs, retentionHours, behindMs, iteratorAge });
      if (unread.kind !== 'some') throw new Error('an iterator age always tells');
      const oldest = Math.max(nowMs - iteratorAge.atMs + iteratorAge.ms, ...behindMs.map((ms) => ms ?? 0));
      expect(unread.hoursLeft).toBeCloseTo(Math.max(0, retentionHours - oldest / HOUR), 6);
    }),
  );
});
