import { type CallReport, RecordError, Sender, UndeliveredError } from '../../../lambdas/producer/index.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { clockOf, eventsIn, FAIR, type FakeStream, FakeStream as Stream, throttled } from './fake-stream.ts';
import { added, senderBench } from './shop.ts';

const DOWN = { ...FAIR, callFails: 1 };
const idsIn = (stream: FakeStream) => stream.arrivals.flatMap((record) => eventsIn(record).map(({ id }) => id));
const pausesOf = (stream: FakeStream) =>
  stream.calls.slice(1).map(({ atMs }, nth) => atMs - (stream.calls[nth]?.atMs ?? 0) - 20);

/** What a promise is rejected with, all of it. */
const rejection = (promise: Promise<unknown>): Promise<UndeliveredError> =>
  promise.then(
    () => Promise.reject(new Error('It was not rejected')),
    (error: unknown) => {
      if (error instanceof UndeliveredError) return error;
      throw error;
    },
  );

describe('what fails is tried again', () => {
  test.each([
    ['a call that fails', { callFails: 1 }],
    ['a call whose answer is lost', { answerLost: 1 }],
    ['an entry that is throttled', { entryThrottled: 1 }],
    ['an entry that fails', { entryFailed: 1 }],
  ])('%s: after waits with full jitter that grow up to a bound', async (_, faults) => {
    const clock = virtualClock();
    const stream = new Stream(clock, { weather: { ...FAIR, ...faults }, namesShards: false });
    const sender = new Sender(stream.put, { clock: clockOf(clock, () => 1), lingerMs: 0 });
    await sender.send(added('u', 'a'));
    await clock.run(clock.sleep(40_000));
    expect(pausesOf(stream).slice(0, 9)).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    const jittered = new Stream(clock, { weather: { ...FAIR, ...faults }, namesShards: false });
    const other = new Sender(jittered.put, { clock: clockOf(clock, () => 0.1), lingerMs: 0 });
    await other.send(added('u', 'a'));
    await clock.run(clock.sleep(1_000));
    expect(pausesOf(jittered).slice(0, 4)).toEqual([5, 10, 20, 40]);
  });

  test('under the id that it has, as the very same record', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 0 }, { weather: { ...FAIR, answerLost: 1 } });
    await writer.send(added('u', 'a'));
    await writer.send(added('u', 'b'));
    await clock.run(clock.sleep(300));
    stream.weather = FAIR;
    await writer.send(added('u', 'c'));
    await clock.run(writer.flush());
    const [first, ...others] = stream.arrivals.slice(0, -1);
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(other.data).toEqual(first?.data);
    expect(new Set(idsIn(stream))).toEqual(new Set(['a', 'b', 'c']));
    expect(writer.metrics()).toMatchObject({ delivered: 3, repeated: others.length * 2, failedCalls: others.length });
  });

  test('one call at a time while calls fail as a whole', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 0, callRecords: 1, concurrency: 8 }, { weather: DOWN });
    for (let nth = 0; nth < 50; nth++) await writer.send(added(`u${nth}`, `e${nth}`));
    await clock.run(clock.sleep(100));
    stream.mostUnderWay = 0;
    await clock.run(clock.sleep(10_000));
    expect(stream.mostUnderWay).toBe(1);
    stream.weather = FAIR;
    await clock.run(writer.flush());
    expect(stream.mostUnderWay).toBe(8);
  });

  test('a call that is never answered is given up in time, and its records are sent again', async () => {
    const { writer, stream, clock } = senderBench(
      { lingerMs: 0, callTimeoutMs: 2_000 },
      { weather: { ...FAIR, hangs: 1 } },
    );
    await writer.send(added('u', 'a'));
    await clock.run(clock.sleep(1_000));
    stream.weather = FAIR;
    await clock.run(writer.flush());
    expect(stream.calls).toHaveLength(2);
    expect((stream.calls[1]?.atMs ?? 0) - (stream.calls[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(writer.metrics()).toMatchObject({ repeated: 1, failedCalls: 1 });
  });
});

describe('what is not delivered in time is given up', () => {
  test('with everything behind it, in order, and nothing else may overtake it until flush hands it over', async () => {
    const { writer, stream, clock } = senderBench(
      { lingerMs: 0, deliveryTimeoutMs: 30_000, recordEvents: 1 },
      { weather: { ...FAIR, entryThrottled: 1 } },
    );
    const receipt = await writer.send(added('u', 'a'));
    for (const id of ['b', 'c']) await writer.send(added('u', id));
    const startMs = clock.now();
    const error = await clock.run(rejection(receipt.delivered()));
    expect(error.undelivered[0]).toMatchObject({ partitionKey: 'u', inDoubt: false, failure: { kind: 'throttled' } });
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(30_000);
    stream.weather = FAIR;
    await expect(writer.send(added('v', 'd'))).rejects.toThrow(UndeliveredError);
    const { undelivered } = await clock.run(rejection(writer.flush()));
    expect(undelivered.map(({ events }) => events[0]?.id)).toEqual(['a', 'b', 'c']);
    for (const { events } of undelivered) await writer.sendTogether(events);
    await clock.run(writer.close());
    expect(idsIn(stream)).toEqual(['a', 'b', 'c']);
    expect(writer.metrics()).toMatchObject({ accepted: 6, delivered: 3, undelivered: 3, buffered: { events: 0 } });
  });

  test('and who waits for room is refused', async () => {
    const { writer, clock } = senderBench({ bufferEvents: 1, deliveryTimeoutMs: 10_000 }, { weather: DOWN });
    await writer.send(added('u', 'a'));
    const waiting = rejection(writer.send(added('u', 'b')));
    expect((await clock.run(waiting)).undelivered).toHaveLength(1);
    expect(writer.metrics().buffered.events).toBe(1);
    await clock.run(rejection(writer.flush()));
    expect(writer.metrics().buffered.events).toBe(0);
  });

  test('after so many attempts as set, the other keys going on', async () => {
    const clock = virtualClock();
    const stream = new Stream(clock);
    const sender = new Sender(
      async (records, signal) => {
        const answers = await stream.put(records, signal);
        return records.map(({ partitionKey }, nth) =>
          partitionKey === 'slow' ? throttled() : (answers[nth] as never),
        );
      },
      { clock: clockOf(clock), lingerMs: 0, attempts: 1, recordEvents: 1 },
    );
    await Promise.all(['slow', 'fine', 'slow', 'fine'].map((key) => sender.send(added(key, key))));
    const { undelivered } = await clock.run(rejection(sender.flush()));
    expect(undelivered.map(({ partitionKey }) => partitionKey)).toEqual(['slow', 'slow']);
    expect(stream.calls.map(({ records }) => records.map(({ partitionKey }) => partitionKey))).toEqual([
      ['slow', 'fine'],
      ['fine'],
    ]);
  });

  test('at once if it would not pass: a stream that is not there, or not allowed', async () => {
    const clock = virtualClock();
    let calls = 0;
    const refused = Object.assign(new Error('Stream shop not found'), {
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 400 },
    });
    const sender = new Sender(
      async () => {
        calls += 1;
        throw refused;
      },
      { clock: clockOf(clock), lingerMs: 0 },
    );
    for (const key of ['u', 'v']) await sender.send(added(key, key));
    const error = await clock.run(rejection(sender.flush()));
    expect(error.message).toContain('ResourceNotFoundException: Stream shop not found');
    expect(error.undelivered.map(({ failure, inDoubt }) => [failure.kind, failure.cause, inDoubt])).toEqual([
      ['refused', refused, false],
      ['refused', refused, false],
    ]);
    expect(calls).toBe(1);
  });

  test.each([
    ['an answer of 200 that cannot be read', { name: 'SyntaxError', $metadata: { httpStatusCode: 200 } }, true],
    ['a failure that nobody knows', { name: 'Error' }, true],
    ['a word of the service', { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }, false],
    ['credentials that are missing', { name: 'CredentialsProviderError' }, false],
  ])('after %s it is in doubt, or not, as the call may have worked', async (_, properties, inDoubt) => {
    const clock = virtualClock();
    const failed = Object.assign(new Error('x'), properties);
    const sender = new Sender(() => Promise.reject(failed), { clock: clockOf(clock), lingerMs: 0 });
    await sender.send(added('u', 'a'));
    const { undelivered } = await clock.run(rejection(sender.flush()));
    expect(undelivered).toMatchObject([{ inDoubt, failure: { kind: 'refused' } }]);
  });

  test('and is in doubt if an attempt at it may have worked, even if a later one did not', async () => {
    const clock = virtualClock();
    const faults = [Object.assign(new Error('reset'), { code: 'ECONNRESET' }), throttled()];
    const sender = new Sender(
      async (records) => {
        const fault = faults.shift() ?? throttled();
        if (fault instanceof RecordError) return records.map(() => fault);
        throw fault;
      },
      { clock: clockOf(clock), lingerMs: 0, attempts: 3 },
    );
    await sender.send(added('u', 'a'));
    const { undelivered } = await clock.run(rejection(sender.flush()));
    expect(undelivered).toMatchObject([{ inDoubt: true, failure: { kind: 'throttled' } }]);
    expect(sender.metrics()).toMatchObject({ repeated: 1 });
  });

  test('if the client answers for fewer records than it was given, until it does', async () => {
    const clock = virtualClock();
    const stream = new Stream(clock);
    let isShort = true;
    const sender = new Sender(
      async (records, signal) => {
        const answers = await stream.put(records, signal);
        return isShort ? answers.slice(0, -1) : answers;
      },
      { clock: clockOf(clock), lingerMs: 0 },
    );
    const first = await sender.send(added('u', 'a'));
    const last = await sender.send(added('v', 'b'));
    await clock.run(first.delivered());
    expect(sender.metrics()).toMatchObject({ delivered: 1, buffered: { events: 1 } });
    isShort = false;
    await clock.run(last.delivered());
    expect(sender.metrics().repeated).toBeGreaterThan(0);
  });
});

test('every call is reported: what it carried, what came of it, and how long it took', async () => {
  const reports: CallReport[] = [];
  const { writer, stream, clock } = senderBench({ lingerMs: 0, onCall: (report) => reports.push(report) });
  await writer.send(added('u', 'a'));
  await writer.send(added('u', 'b'));
  await writer.send(added('v', 'c'));
  await clock.run(writer.flush());
  stream.weather = { ...FAIR, entryThrottled: 1 };
  await writer.send(added('u', 'd'));
  await clock.run(clock.sleep(25));
  stream.weather = DOWN;
  await clock.run(clock.sleep(100));
  stream.weather = FAIR;
  await clock.run(writer.close());
  const bytes = expect.any(Number);
  expect(reports[0]).toEqual({
    records: 2,
    events: 3,
    bytes,
    deliveredRecords: 2,
    deliveredEvents: 3,
    throttledRecords: 0,
    elapsedMs: 20,
  });
  expect(reports[1]).toMatchObject({ records: 1, deliveredRecords: 0, throttledRecords: 1 });
  expect(reports.some(({ error }) => error instanceof Error && error.name === 'ServiceUnavailable')).toBe(true);
  const { calls, records, failedCalls, failedRecords, throttledRecords, bytes: sent } = writer.metrics();
  expect([calls, records, failedRecords >= 1, throttledRecords >= 1]).toEqual([reports.length, 3, true, true]);
  expect(failedCalls).toBe(reports.filter(({ error }) => error !== undefined).length);
  expect(sent).toBe(
    stream.arrivals.reduce((sum, { data, partitionKey }) => sum + data.length + partitionKey.length, 0),
  );
});
