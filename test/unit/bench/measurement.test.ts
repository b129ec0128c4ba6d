import { type Measurement, median, perEvent } from '../../bench/measurement.ts';
import { jsonOf, summaryOf } from '../../bench/result.ts';
import { verdicts } from '../../bench/targets.ts';
import type { VariantName } from '../../bench/variants/variant.ts';

const run = (parts: Partial<Measurement>): Measurement => ({
  events: 1000,
  distinctKeys: 400,
  cpuMicros: 100_000,
  elapsedMs: 500,
  requests: 410,
  puts: 400,
  sideWrites: 2,
  rowUnits: 480,
  sideUnits: 2,
  indexUnits: 3,
  readUnits: 200,
  conflicts: 0,
  effects: 400,
  rowBytes: [],
  ...parts,
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('there is no median of no values', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('time is the median of runs, counts are means over all events', () => {
  const runs = [run({ cpuMicros: 900_000 }), run({ cpuMicros: 100_000, puts: 500 }), run({ cpuMicros: 120_000 })];
  expect(perEvent(runs)).toMatchObject({
    cpuMicrosPerEvent: 120,
    eventsPerSecond: 2000,
    putsPerEvent: 1300 / 3000,
    writeUnitsPerEvent: 0.482,
    indexWriteUnitsPerEvent: 0.003,
    writeUnitsPerPut: 1440 / 1300,
  });
});

const summary = (variants: Partial<Record<VariantName, Partial<Measurement>>>, environments = 1) =>
  summaryOf({
    of: { keys: 'zipf', batch: 500, environments },
    runs: new Map(Object.entries(variants).map(([name, parts]) => [name as VariantName, [run(parts)]])),
  });

const WHOLE = {
  floor: { cpuMicros: 6_000 },
  barePuts: { cpuMicros: 90_000 },
  handler: {},
  powertoolsOrdered: { cpuMicros: 800_000, rowUnits: 1100, sideUnits: 2000 },
  powertoolsOrderedCached: { cpuMicros: 700_000, rowUnits: 1000, sideUnits: 2000 },
  powertoolsParallel: { cpuMicros: 900_000 },
} as const;

test('ratios are against floor and bare puts, and against the cheaper of the ordered Powertools variants', () => {
  const { ratios } = summary(WHOLE);
  expect(ratios.cpuOverBare).toBeCloseTo(100 / 90);
  expect(ratios.powertoolsCpu).toBeCloseTo(7);
  expect(ratios.powertoolsWriteUnits).toBeCloseTo(3 / 0.482);
});

test('rows are counted by the write units that they cost', () => {
  const { rowsByUnits } = summary({ handler: { rowBytes: [1, 1024, 1025, 3000] } });
  expect(rowsByUnits).toEqual([2, 1, 1]);
});

test('the JSON has each variant by name, with what the contract wants of it', () => {
  const json = JSON.parse(JSON.stringify(jsonOf({ cases: [summary(WHOLE)], bundles: [], freshness: FRESHNESS })));
  const wanted = {
    eventsPerSecond: expect.any(Number),
    cpuMicrosPerEvent: expect.any(Number),
    requestsPerEvent: expect.any(Number),
    putsPerEvent: expect.any(Number),
    writeUnitsPerEvent: expect.any(Number),
  };
  const { floor, barePuts, handler, powertoolsOrdered, powertoolsParallel, ...of } = json.cases[0];
  expect(of).toMatchObject({ keys: 'zipf', batch: 500, environments: 1, distinctKeysPerEvent: 0.4 });
  for (const variant of [floor, barePuts, handler, powertoolsOrdered, powertoolsParallel]) {
    expect(variant).toMatchObject(wanted);
  }
});

const FRESHNESS = { eventsPerSecond: 200, p50: 1, p99: 2 };
const met = (cases: readonly ReturnType<typeof summary>[], importMs = 130) =>
  Object.fromEntries(
    verdicts({
      cases,
      bundles: [
        {
          function: 'f',
          kilobytes: 1,
          importMs,
          bareClientKilobytes: 1,
          bareClientImportMs: 100,
          bareClientInChunksImportMs: 60,
        },
      ],
      freshness: FRESHNESS,
    }).map(({ target, isMet }) => [target, isMet]),
  );
const ALL_MET = { puts: true, writeUnits: true, cpu: true, overhead: true, rows: true, imports: true };

test.each<[string, Partial<Measurement>, string[]]>([
  ['one that keeps every promise', {}, []],
  ['a put too many', { puts: 401 }, ['puts']],
  ['write units just above a sixth', { rowUnits: 499, puts: 400 }, ['writeUnits']],
  ['CPU just above a sixth', { cpuMicros: 117_000 }, ['cpu', 'overhead']],
  ['CPU above 1.25 times floor and bare puts', { cpuMicros: 113_000 }, ['overhead']],
  ['rows above 1.25 units', { rowUnits: 501 }, ['writeUnits', 'rows']],
])('promises are judged: %s', (_, handler, broken) => {
  expect(met([summary({ ...WHOLE, handler })])).toEqual({
    ...ALL_MET,
    ...Object.fromEntries(broken.map((target) => [target, false])),
  });
});

test('with 8 environments a figure may be a tenth worse', () => {
  const handler = { cpuMicros: 113_000, rowUnits: 520 };
  expect(met([summary({ ...WHOLE, handler }, 8)])).toEqual(ALL_MET);
  expect(met([summary({ ...WHOLE, handler: { rowUnits: 551 } }, 8)]).rows).toBe(false);
});

test('an import above 1.3 times a bare client breaks a promise', () => {
  expect(met([summary(WHOLE)], 131).imports).toBe(false);
});
