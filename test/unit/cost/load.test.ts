import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { totalOf } from '../../../lib/cost/idle.ts';
import { type Load, type LoadSettings, loadCost } from '../../../lib/cost/load.ts';
import { MEASURED, putsPerEvent } from '../../../lib/cost/measured.ts';
import { sumUp } from '../../../local/cli/cost/command.ts';
import { describeCost } from '../../../local/cli/cost/show.ts';

const onDemand: LoadSettings = {
  streamMode: 'on-demand',
  retentionDays: 7,
  batchSize: 500,
  batchingWindowSeconds: 1,
  memoryMb: 256,
};
const provisioned: LoadSettings = { ...onDemand, streamMode: 'provisioned', shards: 1, retentionDays: 1 };

const usdOf = (load: Load, settings: LoadSettings, what: string): number | undefined =>
  loadCost(load, settings).find((line) => line.what === what)?.usd;

test('the measured figures are those of docs/performance.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/performance.md'), 'utf8');
  const row = (name: string): string[] =>
    (page.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '').split(' | ');
  const [, , cpuMicros] = row('Millrace');
  expect(MEASURED.cpuMicrosPerEvent).toBe(Math.round(Number(cpuMicros)));
  expect(MEASURED.powertoolsWriteUnits).toBe(Number(row('Powertools, ordered')[5]));
  expect(row('at most 1.25 write units per put')[1]).toMatch(new RegExp(`: ${MEASURED.writeUnitsPerPut}$`));
});

describe('puts per event', () => {
  test('are what docs/performance.md has measured for batches of 500, but for chance', () => {
    expect(putsPerEvent(500)).toBeGreaterThan(0.4);
    expect(putsPerEvent(500)).toBeLessThan(0.43);
  });

  test('never grow with the batch, and one event is one put', () => {
    expect(putsPerEvent(1)).toBe(1);
    const sizes = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 1_000 }));
    fc.assert(
      fc.property(sizes, ([events, more]) => expect(putsPerEvent(events + more)).toBeLessThan(putsPerEvent(events))),
    );
  });
});

test('a thousand events a second of 1 KB come into a stream on demand for what AWS asks for so many GB', () => {
  const kbPerSecond = 1_000 + 1_000 * putsPerEvent(1_000 / 40);
  const millions = (kbPerSecond * 730 * 3_600) / 1e6;
  expect(usdOf({ eventsPerSecond: 1_000, eventBytes: 1_024 }, onDemand, 'Kinesis: records in')).toBeCloseTo(
    millions * 0.076,
    6,
  );
});

test('a record is billed by the KB on demand, and by 25 KB where shards are provisioned', () => {
  const at = (eventBytes: number, settings: LoadSettings) =>
    usdOf({ eventsPerSecond: 10, eventBytes }, settings, 'Kinesis: records in') ?? 0;
  expect(at(1_025, onDemand)).toBeGreaterThan(at(1_024, onDemand));
  expect(at(1_025, provisioned)).toBe(at(1_024, provisioned));
  expect(at(25 * 1_024 + 1, provisioned)).toBeGreaterThan(at(25 * 1_024, provisioned));
});

test.each<[string, Load, LoadSettings, boolean]>([
  ['that a shard takes needs no further one', { eventsPerSecond: 1_000, eventBytes: 1_000 }, provisioned, false],
  ['of more records than a shard takes does', { eventsPerSecond: 1_001, eventBytes: 10 }, provisioned, true],
  ['of more bytes than a shard takes does', { eventsPerSecond: 100, eventBytes: 20_000 }, provisioned, true],
  ['in a stream on demand never does', { eventsPerSecond: 5_000, eventBytes: 10 }, onDemand, false],
])('a load %s', (_, load, settings, needs) => {
  expect(usdOf(load, settings, 'Kinesis: further shards') !== undefined).toBe(needs);
});

test('what is kept for a day only costs nothing to keep', () => {
  const load = { eventsPerSecond: 100, eventBytes: 1_024 };
  expect(usdOf(load, onDemand, 'Kinesis: kept beyond a day')).toBeGreaterThan(0);
  expect(usdOf(load, { ...onDemand, retentionDays: 1 }, 'Kinesis: kept beyond a day')).toBeUndefined();
});

test('a longer window makes the same load cheaper', () => {
  const load = { eventsPerSecond: 1_000, eventBytes: 1_024 };
  expect(totalOf(loadCost(load, { ...onDemand, batchingWindowSeconds: 5 }))).toBeLessThan(
    totalOf(loadCost(load, onDemand)),
  );
});

test('twice the load costs more, and at most twice as much', () => {
  const loads = fc.record({
    eventsPerSecond: fc.double({ min: 1, max: 1e6, noNaN: true }),
    eventBytes: fc.integer({ min: 1, max: 30_000 }),
  });
  fc.assert(
    fc.property(loads, (load) => {
      const twice = { ...load, eventsPerSecond: load.eventsPerSecond * 2 };
      const [once, double] = [load, twice].map((each) => totalOf(loadCost(each, onDemand))) as [number, number];
      // More shards on demand cut the same events into smaller batches, so that a step of shards may cost a little more.
      expect(double).toBeGreaterThan(once);
      expect(double).toBeLessThan(once * 2.3);
    }),
  );
});

describe('the bill', () => {
  const idle = [{ what: 'KMS: keys', usd: 2, how: '2 at 1.00' }];
  const bill = sumUp('prod', { eventsPerSecond: 100, eventBytes: 1_024 }, onDemand, idle);

  test('adds up to its lines, the dearest first', () => {
    expect(bill.perMonthUsd).toBeCloseTo(totalOf(bill.lines), 9);
    expect(bill.lines.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    const prices = bill.lines.map(({ usd }) => usd);
    expect(prices).toEqual(prices.toSorted((a, b) => b - a));
  });

  test('counts the idle stage in the month and not in a further million events', () => {
    const added = bill.perMonthUsd - 2;
    expect(bill.perMillionEventsUsd * ((100 * 730 * 3_600) / 1e6)).toBeCloseTo(added, 6);
  });

  test('says what dominates', () => {
    expect(describeCost(bill)).toContain(`${bill.lines[0]?.what} dominates`);
  });
});
