import { Readable } from 'node:stream';
import { type ProduceEdges, type ProduceOptions, produce } from '../../../local/cli/produce/produce.ts';
import { Places } from '../../../local/cli/produce/unsent.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { clockOf, eventsIn, FAIR, FakeStream, type FakeStreamOptions } from '../producer/fake-stream.ts';
import { added } from '../producer/shop.ts';
import { captured } from './captured.ts';

const line = (subject: string, id: string): string => JSON.stringify(added(subject, id));
const lines = (count: number): string[] =>
  Array.from({ length: count }, (_, nth) => line(`u${nth % 7}`, `e${String(nth + 1).padStart(4, '0')}`));

/** Runs the command in virtual time over a text or a stream of chunks, into a stream in memory. */
function bench(input: string | Readable, options: Partial<ProduceOptions> = {}, streamOptions: FakeStreamOptions = {}) {
  const clock = virtualClock();
  const stream = new FakeStream(clock, streamOptions);
  const stop = new AbortController();
  const { output, stdout, stderr } = captured();
  const edges: ProduceEdges = {
    target: async (_, name) => ({ name: `physical-${name}`, put: stream.put, [Symbol.dispose]: () => undefined }),
    open: async (name) => ({
      name,
      // As a file is read: with turns of the event loop in between.
      chunks: async function* (signal) {
        const readable = typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input;
        for await (const chunk of readable) {
          signal.throwIfAborted();
          yield Buffer.from(chunk);
        }
      },
      [Symbol.asyncDispose]: async () => undefined,
    }),
    clock: clockOf(clock),
  };
  const all = { stage: 'local', stream: 'shop', fromLine: 1, gzip: false, json: true, ...options };
  const running = () => clock.run(produce('events.ndjson', all, output, stop.signal, edges));
  const report = () => JSON.parse(stdout());
  return { clock, stream, stop, running, report, stdout, stderr };
}

const idsIn = (stream: FakeStream) => stream.arrivals.flatMap((record) => eventsIn(record).map(({ id }) => id));

test('a file is sent, packed by subject and in its order, and the summary says what that took', async () => {
  const { stream, running, report, stderr } = bench(`${lines(700).join('\n')}\n`);
  expect(await running()).toBe(0);
  expect(stream.arrivals).toHaveLength(7);
  for (const arrival of stream.arrivals) {
    const ids = eventsIn(arrival).map(({ id }) => id);
    expect(ids).toHaveLength(100);
    expect(ids).toEqual(ids.toSorted());
  }
  expect(report()).toEqual({
    sent: 700,
    bad: 0,
    notSent: 0,
    records: 7,
    bytes: stream.arrivals.reduce((sum, { data, partitionKey }) => sum + data.length + partitionKey.length, 0),
    calls: 1,
    throttled: 0,
    repeated: 0,
    elapsedMs: expect.any(Number),
  });
  expect(stderr()).toBe('');
});

test('people read the same, with what had to be sent again', async () => {
  const weather = { ...FAIR, entryThrottled: 0.5, answerLost: 0.3 };
  const { running, stdout } = bench(lines(700).join('\n'), { json: false }, { weather });
  expect(await running()).toBe(0);
  expect(stdout()).toMatch(/^Sent events.ndjson to physical-shop in [\d.]+ s, [\d,]+ per second\.\n/);
  expect(stdout()).toMatch(/Sent +700 {2}events in 7 records, 100\.0 per record, 0\.\d MB/);
  expect(stdout()).toMatch(/Throttled +\d+ {2}records/);
  expect(stdout()).toMatch(/Repeated +[\d,]+ {2}events/);
  expect(stdout()).not.toContain('Go on');
});

test('bad lines are named with their number and reason, counted, and fail the run; the others are sent', async () => {
  const bad = [
    ['no JSON', 'not JSON'],
    ['42', 'not a JSON object'],
    ['{"id":"1"}', 'specversion: '],
    [JSON.stringify({ ...added('u', 'x'), type: 'cart.unheard' }), 'type: is in no catalogue'],
    [JSON.stringify({ ...added('u', 'x'), data: { quantity: 'secret' } }), 'data.productId: '],
    [JSON.stringify({ ...added('u', 'x'), padding: 'x'.repeat(1_100_000) }), 'a record of 1 MiB has room for'],
    [`[${line('u', 'in-batch')},{"subject":7}]`, 'event 2: not sent: '],
  ] as const;
  const text = [line('u', 'first'), '', ...bad.map(([content]) => content), line('u', 'last')].join('\n');
  const { stream, running, report, stderr } = bench(text);
  expect(await running()).toBe(1);
  expect(idsIn(stream)).toEqual(['first', 'in-batch', 'last']);
  expect(report()).toMatchObject({ sent: 3, bad: bad.length, notSent: 0 });
  const said = stderr().trim().split('\n');
  for (const [nth, [, reason]] of bad.entries()) {
    expect(said[nth]).toMatch(new RegExp(`^Line ${nth + 3}(, event 2)?: not sent: `));
    expect(said[nth]).toContain(reason);
  }
  expect(stderr()).not.toContain('secret');
});

test('lines can be passed over, and events limited and paced', async () => {
  const { stream, running, clock } = bench(lines(50).join('\n'), { fromLine: 11, limit: 20, rate: 10 });
  const startMs = clock.now();
  expect(await running()).toBe(0);
  expect(idsIn(stream).toSorted()).toEqual(
    Array.from({ length: 20 }, (_, nth) => `e${String(nth + 11).padStart(4, '0')}`),
  );
  expect(clock.now() - startMs).toBeGreaterThanOrEqual(1_900);
});

describe('an interruption', () => {
  /** Whole lines, then nothing until it is aborted. */
  function pausing(count: number, stop: AbortSignal): Readable {
    return Readable.from(
      (async function* () {
        yield `${lines(count).join('\n')}\n`;
        await new Promise((_, reject) => stop.addEventListener('abort', () => reject(stop.reason)));
      })(),
    );
  }

  test('lets what was read get in, and says where to go on', async () => {
    const input = new AbortController();
    const { clock, stream, stop, running, report, stderr } = bench(pausing(30, input.signal), { json: true });
    const interrupt = async (): Promise<void> => {
      await clock.sleep(50);
      stop.abort(new Error('Interrupted by SIGINT'));
      input.abort(stop.signal.reason);
    };
    const [ended] = await Promise.allSettled([running(), interrupt()]);
    expect(ended).toMatchObject({ status: 'rejected', reason: { message: 'Interrupted by SIGINT' } });
    expect(new Set(idsIn(stream)).size).toBe(30);
    expect(report()).toMatchObject({ sent: 30, notSent: 0, inDoubt: 0, notSentLines: [], goOnFromLine: 31 });
    expect(stderr()).toContain('what was read is still sent');
  });

  test('gives up after ten seconds, and says exactly which lines are not in', async () => {
    const input = new AbortController();
    const { clock, stream, stop, running, stdout } = bench(
      pausing(30, input.signal),
      { json: false },
      { latencyMs: () => 10 },
    );
    const startMs = clock.now();
    const interrupt = async (): Promise<void> => {
      await clock.sleep(50);
      stream.weather = { ...FAIR, entryThrottled: 1 };
      stop.abort(new Error('Interrupted by SIGINT'));
      input.abort(stop.signal.reason);
    };
    const [ended] = await Promise.allSettled([running(), interrupt()]);
    expect(ended.status).toBe('rejected');
    expect(idsIn(stream)).toEqual([]);
    expect(clock.now() - startMs).toBeLessThan(11_000);
    expect(stdout()).toMatch(/Not sent: 30 events(, of which 30 may be in all the same)?: line 1-30\n/);
    expect(stdout()).toContain('Go on with: npx millrace produce events.ndjson --from-line 1\n');
    expect(stdout()).toContain('keeps its id');
  });

  test('and going on from that line leaves nothing out', async () => {
    const text = lines(3_000).join('\n');
    const first = bench(text, {}, { weather: { ...FAIR, entryThrottled: 0.4 }, latencyMs: () => 400 });
    const interrupt = async (): Promise<void> => {
      await first.clock.sleep(600);
      first.stop.abort(new Error('Interrupted by SIGINT'));
      first.stream.weather = { ...FAIR, callFails: 1 };
    };
    await Promise.allSettled([first.running(), interrupt()]);
    const { goOnFromLine, sent, notSent, notSentLines } = first.report();
    expect(sent + notSent).toBe(3_000);
    expect(notSent).toBeGreaterThan(0);
    const unsent = (notSentLines as [number, number][]).flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, nth) => `e${String(from + nth).padStart(4, '0')}`),
    );
    const inFirst = new Set(idsIn(first.stream));
    for (const id of unsent) expect(inFirst.has(id)).toBe(false);
    const second = bench(text, { fromLine: goOnFromLine });
    expect(await second.running()).toBe(0);
    expect(new Set([...inFirst, ...idsIn(second.stream)]).size).toBe(3_000);
  });
});

test('a stream that refuses ends the run at once, with its reason and nothing called sent', async () => {
  const { clock } = bench('');
  const { output, stdout, stderr } = captured();
  const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
  const edges: ProduceEdges = {
    target: async (_, name) => ({
      name,
      put: () => Promise.reject(denied),
      [Symbol.dispose]: () => undefined,
    }),
    open: async (name) => ({
      name,
      chunks: (signal) =>
        Readable.from(
          (async function* () {
            yield Buffer.from(`${lines(5).join('\n')}\n`);
            await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          })(),
        ),
      [Symbol.asyncDispose]: async () => undefined,
    }),
    clock: clockOf(clock),
  };
  const options = { stage: 'prod', stream: 'shop', fromLine: 1, gzip: false, json: true };
  const exitCode = await clock.run(produce('-', options, output, new AbortController().signal, edges));
  expect(exitCode).toBe(1);
  expect(stderr()).toContain('The stream did not take all: AccessDeniedException: not authorized');
  expect(JSON.parse(stdout())).toMatchObject({ sent: 0, notSent: 5, notSentLines: [[1, 5]], goOnFromLine: 1 });
});

test('after a batch that is read in part, its line is the one to go on with', () => {
  const places = new Places();
  const event = added('u', 'a');
  places.reading(event, { line: 4, event: 1 });
  places.taken();
  expect(places.unsent([], false).goOnFrom).toBe(4);
  expect(places.unsent([], true).goOnFrom).toBeUndefined();
  places.reading(added('u', 'b'), { line: 5 });
  expect(places.unsent([], false)).toEqual({ events: 1, inDoubt: 0, lines: [[5, 5]], goOnFrom: 5 });
  places.taken();
  const failure = { kind: 'throttled', message: 'slow', cause: undefined } as const;
  const undelivered = [{ partitionKey: 'u', events: [event], failure, inDoubt: true }];
  expect(places.unsent(undelivered, false)).toEqual({ events: 1, inDoubt: 1, lines: [[4, 4]], goOnFrom: 4 });
});
