import fc from 'fast-check';
import { Sender, type SettingsInput } from '../../../lambdas/producer/index.ts';
import { decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { recordOf } from '../../support/events.ts';
import { seededRandom, type VirtualClock, virtualClock } from '../../support/virtual-clock.ts';
import { settings as decoding } from '../decode/reading.ts';
import { clockOf, eventsIn, FAIR, FakeStream, throttled, type Weather } from './fake-stream.ts';
import { padded } from './shop.ts';

const rate = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.5, noNaN: true }));
const weather: fc.Arbitrary<Weather> = fc.record({
  entryThrottled: rate,
  entryFailed: rate,
  callFails: rate,
  answerLost: rate,
  hangs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.2, noNaN: true })),
});

const settings: fc.Arbitrary<SettingsInput> = fc.record(
  {
    lingerMs: fc.integer({ min: 0, max: 300 }),
    callRecords: fc.integer({ min: 1, max: 20 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
    recordEvents: fc.integer({ min: 1, max: 20 }),
    recordBytes: fc.integer({ min: 1, max: 5_000 }),
    gzip: fc.boolean(),
    bufferEvents: fc.integer({ min: 1, max: 60 }),
    bufferBytes: fc.integer({ min: 1, max: 40_000 }),
  },
  { requiredKeys: [] },
);

interface Step {
  readonly id: string;
  readonly key: string;
  readonly bytes: number;
  /** Before it. */
  readonly pauseMs: number;
  /** Whether whoever sends waits until it is accepted. */
  readonly waits: boolean;
}

const step = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  bytes: fc.integer({ min: 0, max: 3_000 }),
  pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
  waits: fc.boolean(),
});

const load: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { maxLength: 120 })
  .map((steps) => steps.map((one, nth) => ({ ...one, id: `${one.key}-${String(nth).padStart(3, '0')}` })));

/** Sends it all, in a weather that gets worse half-way and fair at the end, and looks after every event whether memory is bounded. */
async function produce(sender: Sender, stream: FakeStream, clock: VirtualClock, steps: readonly Step[], most: Size) {
  const { weather: faults } = stream;
  const sending: Promise<unknown>[] = [];
  for (const [nth, { id, key, bytes, pauseMs, waits }] of steps.entries()) {
    if (nth === steps.length >> 1) stream.weather = { ...faults, callFails: 0.9 };
    if (pauseMs > 0) await clock.sleep(pauseMs);
    const sent = sender.send(padded(key, id, bytes));
    sending.push(sent);
    if (waits) await sent;
    const { buffered } = sender.metrics();
    expect(buffered.events).toBeLessThanOrEqual(most.events);
    // One event alone may be larger than the whole buffer.
    if (buffered.events > 1) expect(buffered.bytes).toBeLessThanOrEqual(most.bytes);
  }
  stream.weather = FAIR;
  await Promise.all(sending);
  await sender.close();
}

interface Size {
  readonly events: number;
  readonly bytes: number;
}

/** Every event first arrives after those of its key that were sent before it. */
function expectOrder(stream: FakeStream, steps: readonly Step[]): void {
  const firsts = new Map<string, Set<string>>();
  for (const arrival of stream.arrivals) {
    const ids = firsts.get(arrival.partitionKey) ?? new Set();
    for (const { id } of eventsIn(arrival)) ids.add(id);
    firsts.set(arrival.partitionKey, ids);
  }
  const sent = Map.groupBy(steps, ({ key }) => key);
  expect([...firsts.keys()].toSorted()).toEqual([...sent.keys()].toSorted());
  for (const [key, ids] of firsts) expect([...ids]).toEqual(sent.get(key)?.map(({ id }) => id));
}

/** What is sent again is the very record of before, never the same event in another one. */
function expectSameRecords(stream: FakeStream, steps: readonly Step[]): void {
  const records = new Map(stream.arrivals.map((arrival) => [Buffer.from(arrival.data).toString('base64'), arrival]));
  const ids = [...records.values()].flatMap((record) => eventsIn(record).map(({ id }) => id));
  expect(ids.toSorted()).toEqual(steps.map(({ id }) => id).toSorted());
}

describe('whatever fails, whichever answers are lost, and however it is set', () => {
  test('nothing is lost, every key is in order, repeats come under their id alone, and memory is bounded', async () => {
    await fc.assert(
      fc.asyncProperty(load, weather, settings, fc.integer(), async (steps, faults, input, seed) => {
        const clock = virtualClock();
        const random = seededRandom(seed);
        const latencyMs = (): number => 2 + random() * 80;
        const stream = new FakeStream(clock, { weather: faults, random, latencyMs, shards: 3 });
        const fixed = { catalogue, callTimeoutMs: 1_000, deliveryTimeoutMs: 3_600_000 };
        const sender = new Sender(stream.put, { clock: clockOf(clock, random), ...fixed, ...input });
        const { bufferEvents = 10_000, bufferBytes = 16 * 1024 * 1024, callRecords = 500, concurrency = 4 } = input;

        await clock.run(produce(sender, stream, clock, steps, { events: bufferEvents, bytes: bufferBytes }));

        expectOrder(stream, steps);
        expectSameRecords(stream, steps);
        for (const { data, partitionKey } of stream.arrivals) {
          for (const { kind } of decodeRecord(recordOf(data, { partitionKey }), decoding).items) {
            expect(kind).toBe('event');
          }
        }
        expect(stream.mostUnderWay).toBeLessThanOrEqual(concurrency);
        for (const { records } of stream.calls) {
          expect(records.length).toBeLessThanOrEqual(callRecords);
          expect(new Set(records.map(({ partitionKey }) => partitionKey)).size).toBe(records.length);
        }
        const { accepted, delivered, buffered } = sender.metrics();
        expect([accepted, delivered, buffered.events, buffered.bytes]).toEqual([steps.length, steps.length, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});

test('a key whose record fails holds its later events back, and no other key', async () => {
  const clock = virtualClock();
  const stream = new FakeStream(clock);
  let refusals = 3;
  const sender = new Sender(
    async (records, signal) => {
      const at = records.findIndex(({ partitionKey }) => partitionKey === 'slow');
      if (at === -1 || refusals-- <= 0) return stream.put(records, signal);
      return (await stream.put(records.toSpliced(at, 1), signal)).toSpliced(at, 0, throttled());
    },
    { clock: clockOf(clock), lingerMs: 10 },
  );
  const sending = async (): Promise<void> => {
    for (let nth = 0; nth < 4; nth++) {
      for (const key of ['slow', 'fine']) await sender.send(padded(key, `${key}-${nth}`, 0));
      await clock.sleep(25);
    }
    await sender.close();
  };
  await clock.run(sending());
  const arrived = stream.arrivals.map((record) => eventsIn(record).map(({ id }) => id));
  const ofKey = (key: string) => arrived.filter(([id]) => id?.startsWith(key));
  expect(ofKey('fine')).toEqual([['fine-0'], ['fine-1'], ['fine-2'], ['fine-3']]);
  // What had to wait travels together afterwards.
  expect(ofKey('slow')[0]).toEqual(['slow-0']);
  expect(ofKey('slow').flat()).toEqual(['slow-0', 'slow-1', 'slow-2', 'slow-3']);
  expect(arrived.flat().indexOf('slow-0')).toBeGreaterThan(arrived.flat().indexOf('fine-1'));
});
