import { decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { handled, type ShopEvent } from '../../../lambdas/systems/profiles/events.ts';
import { type PlannedRecord, PRODUCERS, planLoad } from '../../../local/chaos/load.ts';
import { randomOf } from '../../../local/chaos/random.ts';
import { shop } from './run-in-memory.ts';

let events: readonly ShopEvent[];
let load: readonly PlannedRecord[];
beforeAll(async () => {
  events = await shop();
  load = planLoad(events, { seconds: 60, rate: 150 }, randomOf(1));
});

const decoded = ({ partitionKey, data }: PlannedRecord) =>
  decodeRecord(
    { shard: 'shardId-000000000000', sequence: '1', partitionKey, data, arrivalMs: Date.parse('2026-11-01T12:00:00Z') },
    {
      processor: 'profiles',
      stream: 'shop',
      catalogue,
      handled: new Set(handled.map(({ type }) => type)),
      kplProducers: false,
      futureToleranceMs: 300_000,
      replayMode: false,
    },
  ).items;

test('the same seed gives the same load, another seed another one', () => {
  expect(planLoad(events, { seconds: 20, rate: 20 }, randomOf(5))).toEqual(
    planLoad(events, { seconds: 20, rate: 20 }, randomOf(5)),
  );
  expect(planLoad(events, { seconds: 20, rate: 20 }, randomOf(6))).not.toEqual(
    planLoad(events, { seconds: 20, rate: 20 }, randomOf(5)),
  );
});

test('the load is steady, and in order of time', () => {
  const perSecond = Array.from(
    { length: 60 },
    (_, second) => load.filter(({ dueMs }) => dueMs >= second * 1_000 && dueMs < (second + 1) * 1_000).length,
  );
  expect(Math.min(...perSecond)).toBeGreaterThanOrEqual(150);
  expect(Math.max(...perSecond)).toBeLessThan(250);
  expect(load.map(({ dueMs }) => dueMs)).toEqual(load.map(({ dueMs }) => dueMs).toSorted((a, b) => a - b));
});

test('every event is one that the processor takes, under its visitor as key', () => {
  for (const record of load) {
    if (record.meaning.kind !== 'event') continue;
    expect(decoded(record)).toMatchObject([{ kind: 'event', key: record.meaning.event.subject }]);
  }
});

test('garbage of every kind is rejected for the reason that the load gives', () => {
  const garbage = load.filter(({ meaning }) => meaning.kind === 'rejected');
  for (const record of garbage) {
    expect(decoded(record)).toMatchObject([
      { kind: 'rejected', cause: { code: (record.meaning as { code: string }).code } },
    ]);
  }
  expect(new Set(garbage.map(({ meaning }) => (meaning as { code: string }).code)).size).toBe(7);
});

test('no two records that mean something else share key and bytes, or an id', () => {
  const contents = new Map(
    load.map(({ partitionKey, data, meaning }) => [`${partitionKey} ${Buffer.from(data)}`, meaning]),
  );
  expect(contents.size).toBe(new Set(load.map(({ meaning }) => meaning)).size);
  const ids = [...contents.values()].flatMap((meaning) => (meaning.kind === 'event' ? [meaning.event.id] : []));
  expect(new Set(ids).size).toBe(ids.length);
});

test('every producer has its share; the repeater only sends what another producer sends', () => {
  const first = new Set(load.filter(({ producer }) => producer !== 'repeater').map(({ data }) => data));
  for (const producer of PRODUCERS) {
    const own = load.filter((record) => record.producer === producer);
    expect(own.length).toBeGreaterThan(load.length / 20);
    if (producer === 'repeater') for (const { data } of own) expect(first.has(data)).toBe(true);
  }
});

test('one producer has all events of a visitor, so that their order is its own care', () => {
  const producers = new Map<string, Set<string>>();
  for (const { producer, meaning } of load) {
    if (meaning.kind !== 'event' || producer === 'repeater') continue;
    const { subject } = meaning.event;
    producers.set(subject, (producers.get(subject) ?? new Set()).add(producer));
  }
  for (const names of producers.values()) expect(names.size).toBe(1);
});

test('no visitor has more events than a row remembers', () => {
  const counts = new Map<string, number>();
  for (const { producer, meaning } of load) {
    if (meaning.kind !== 'event' || producer === 'repeater') continue;
    counts.set(meaning.event.subject, (counts.get(meaning.event.subject) ?? 0) + 1);
  }
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(256);
});

test('there are erasures, and events of an older version', () => {
  const sent = load.flatMap(({ meaning }) => (meaning.kind === 'event' ? [meaning.event] : []));
  expect(sent.filter(({ type }) => type === 'profile.erasure-requested').length).toBeGreaterThan(10);
  expect(sent.filter(({ dataschema }) => dataschema === 'urn:millrace:cart.item-added:1').length).toBeGreaterThan(100);
});
