import { Highlights } from '../../../local/cli/profiles/highlights.ts';
import type { FoundProfile } from '../../../local/cli/profiles/model.ts';
import { foundProfile } from '../../../local/cli/profiles/model.ts';
import { accountingOf, type Outcome, queueOf } from '../../../local/cli/start/outcome.ts';
import { describeOutcome, jsonReport } from '../../../local/cli/start/report.ts';
import { type Tally, tallyOf } from '../../../local/cli/start/tally.ts';
import { MetricStore } from '../../../local/metrics/store.ts';

const tally = (counts: Partial<Tally> = {}): Tally => ({
  applied: 0,
  duplicates: 0,
  redelivered: 0,
  ignored: 0,
  deadLetters: {},
  putsBound: 0,
  ...counts,
});

describe('every event that was sent has one outcome', () => {
  const mixed = { applied: 5, duplicates: 2, ignored: 1, deadLetters: { 'record.not-json': 2 } };

  test.each<[string, number, number, Partial<Tally>]>([
    ['all were applied', 3, 0, { applied: 3 }],
    ['outcomes of every kind add up', 10, 0, mixed],
    ['a lost answer put one event into the stream twice', 9, 1, mixed],
    ['a redelivery counts besides', 3, 0, { applied: 3, redelivered: 2 }],
    ['a redelivery counts rejections again', 9, 0, { ...mixed, redelivered: 1 }],
  ])('%s', (_, accepted, repeated, counts) => {
    expect(accountingOf({ accepted, repeated }, tally(counts))).toEqual([]);
  });

  test.each<[string, number, number, Partial<Tally>]>([
    ['one has none', 4, 0, { applied: 3 }],
    ['one has none although answers were lost', 11, 5, mixed],
    ['one has two', 9, 0, mixed],
    ['more have two than a lost answer explains', 8, 1, mixed],
  ])('or the difference is told: %s', (_, accepted, repeated, counts) => {
    expect(accountingOf({ accepted, repeated }, tally(counts))).toHaveLength(1);
  });

  test('or the dead letters that are missing from the queue are told', () => {
    const counted = tally({ deadLetters: { 'record.not-json': 2, 'event.misrouted': 1 } });
    expect(queueOf(counted, 3)).toEqual([]);
    expect(queueOf(counted, 2)).toEqual(['3 dead letters were counted, but the queue holds 2']);
  });
});

test("the tally is read from the processor's own metrics, rejections by reason", () => {
  const metrics = new MetricStore();
  const put = (name: string, value: number, dimensions: Record<string, string>) =>
    metrics.put({ namespace: 'Millrace/local', name, dimensions, timestampMs: 1, values: [value] });
  const service = { service: 'profiles' };
  put('Applied', 3, service);
  put('Applied', 4, service);
  put('Applied', 100, { service: 'another' });
  put('DuplicateById', 2, service);
  put('DuplicateByPosition', 9, service);
  put('PutsBound', 5, service);
  put('Rejected', 3, service);
  put('Rejected', 1, { ...service, reason: 'record.not-json' });
  put('Rejected', 2, { ...service, reason: 'event.misrouted' });
  put('Rejected', 100, { service: 'another', reason: 'event.misrouted' });
  expect(tallyOf(metrics)).toEqual({
    applied: 7,
    duplicates: 2,
    redelivered: 9,
    ignored: 0,
    deadLetters: { 'event.misrouted': 2, 'record.not-json': 1 },
    putsBound: 5,
  });
});

const outcome = (parts: Partial<Outcome> = {}): Outcome => ({
  sent: 5,
  notSent: 0,
  tally: tally({ applied: 4, deadLetters: { 'record.not-json': 1 }, putsBound: 2 }),
  rows: 2,
  puts: 2,
  writeUnits: { base: 3, indexes: 1, checkpoints: 2 },
  freshnessMs: { p50: 800, p99: 1_200 },
  elapsedMs: 8_000,
  highlights: [],
  contradictions: [],
  ...parts,
});

describe('the JSON report', () => {
  test('has exactly the members of its contract', () => {
    expect(jsonReport(outcome())).toEqual({
      sent: 5,
      applied: 4,
      duplicates: 0,
      deadLetters: { 'record.not-json': 1 },
      rows: 2,
      puts: 2,
      putsBound: 2,
      writeUnits: 6,
      freshnessMs: { p50: 800, p99: 1_200 },
      elapsedMs: 8_000,
    });
  });

  test('tells of ignored and unsent events only if there are any, and of no freshness by null', () => {
    const freshnessMs = { p50: undefined, p99: undefined };
    const report = jsonReport(outcome({ notSent: 2, tally: tally({ ignored: 1 }), freshnessMs }));
    expect(report).toMatchObject({ notSent: 2, ignored: 1, freshnessMs: { p50: null, p99: null } });
  });
});

test('the summary shows every number with what it means', () => {
  expect(describeOutcome(outcome({ notSent: 2 }), 'events.ndjson').split('\n')).toEqual([
    'Sent events.ndjson through the local cloud in 8.0 s.',
    '',
    '  Sent                  5  events',
    '  Not sent              2  events of the input, named above',
    '  Applied               4',
    '  Duplicates            0',
    '  Dead letters          1',
    '                        1  record.not-json',
    '',
    '  Rows                  2  in the profiles table',
    '  Puts                  2  2 is the bound: distinct keys per batch, 0.400 per event',
    '  Write units           6  3 for rows, 1 for the index, 2 for checkpoints',
    '  Freshness                p50 0.8 s, p99 1.2 s from stream to row',
  ]);
});

describe('highlights', () => {
  const row = (id: string, totalSpend: number, cartValue: number, day: number): FoundProfile =>
    foundProfile({
      id,
      _v: 1,
      _s: 2,
      status: 'active',
      cart: [],
      cartValue: { USD: cartValue },
      totalSpend: { USD: totalSpend },
      orders: {},
      recentProducts: [],
      segment: 'none',
      lastSeen: `2022-10-0${day}T00:00:00.000Z`,
    });
  const rows = [row('a', 900, 90, 9), row('b', 50, 80, 8), row('c', 10, 70, 7), row('d', 1, 1, 1), row('e', 1, 1, 6)];
  const chosen = (found: readonly FoundProfile[]) => {
    const highlights = new Highlights();
    for (const one of found) highlights.add(one);
    return highlights.chosen().map(({ why, found: { id } }) => `${why}: ${id}`);
  };

  test('are three different profiles, the same ones in whatever order the rows come', () => {
    expect(chosen(rows)).toEqual(['highest spend: a', 'fullest cart: b', 'seen last: c']);
    expect(chosen(rows.toReversed())).toEqual(chosen(rows));
  });

  test('leave out who was erased', () => {
    expect(
      chosen([foundProfile({ id: 'x', _v: 2, _s: 2, status: 'erased', erasedAt: '2022-10-01T00:00:00Z' })]),
    ).toEqual([]);
  });
});
