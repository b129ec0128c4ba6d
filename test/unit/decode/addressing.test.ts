import { afterNoon, NOON_MS, sequenceNumber } from '../../support/events.ts';
import { eventIn, odd, read, rejectionOf, said, view } from './reading.ts';

const MINUTE_MS = 60_000;

describe('an event', () => {
  test('comes with its position, arrival, key, version and definition', () => {
    const sequence = sequenceNumber(7);
    const [item] = read(view(), { shard: 'shardId-000000000012', sequence, arrivalMs: NOON_MS + 5 });
    expect(item).toMatchObject({
      kind: 'event',
      key: 'user-1',
      incoming: {
        position: { stream: 'shop', shard: 'shardId-000000000012', sequence, index: 0 },
        arrivalMs: NOON_MS + 5,
        version: 1,
        definition: { type: 'page.viewed' },
      },
    });
  });

  test('is known by source and id together, wherever it comes', () => {
    const hashOf = (source: string, id: string) => eventIn(read(view({ source, id }))).idHash;
    expect(hashOf('urn:a', 'x')).toBe(hashOf('urn:a', 'x'));
    const others = [hashOf('urn:a', 'y'), hashOf('urn:b', 'x'), hashOf('urn:', 'ax'), hashOf('urn:ax', 'a')];
    expect(new Set([hashOf('urn:a', 'x'), ...others]).size).toBe(5);
    expect(hashOf('urn:a', 'x')).toBeLessThan(2n ** 64n);
  });

  test('keeps what the envelope says, but not extensions that Millrace does not know', () => {
    const extensions = { traceparent: '00-1-2-01', sequence: '7', partitionkey: 'user-1' };
    const { event } = eventIn(read(odd({ ...extensions, comexampleother: 1 })));
    expect(event).toMatchObject(extensions);
    expect(event).not.toHaveProperty('comexampleother');
  });
});

describe('an event under another partition key than its subject', () => {
  test('is rejected, since its lane and its row would not be one', () => {
    const { cause } = rejectionOf(view({ subject: 'user-2' }));
    expect(cause).toMatchObject({ code: 'event.misrouted', details: { type: 'page.viewed' } });
    expect(JSON.stringify(cause)).not.toContain('user-2');
  });

  test('is rejected on a stream with KPL producers, too', () => {
    expect(rejectionOf(view({ subject: 'user-2' }), {}, { kplProducers: true }).cause.code).toBe('event.misrouted');
  });

  test('is compared to the letter', () => {
    expect(rejectionOf(view({ subject: 'User-1' })).cause.code).toBe('event.misrouted');
    expect(rejectionOf(view({ subject: 'é' }), { partitionKey: 'e\u0301' }).cause.code).toBe('event.misrouted');
  });
});

describe('an event addressed to one processor', () => {
  test.each([
    ['this one', 'profiles', 1],
    ['another one', 'page-views', 0],
    ['one with a longer name', 'profiles-2', 0],
  ])('is folded only by it: %s', (_, millraceto, folded) => {
    expect(read(view({ millraceto })).filter(({ kind }) => kind === 'event')).toHaveLength(folded);
  });

  test('is skipped by all others whatever else is wrong with it, since it is not theirs to reject', () => {
    const items = read(odd({ millraceto: 'page-views', type: 'no.such', data: 7 }), { partitionKey: 'other' });
    expect(said(items)).toEqual(['ignored']);
  });

  test('needs an envelope all the same', () => {
    expect(rejectionOf(odd({ millraceto: 'page-views', time: undefined })).cause.code).toBe('event.invalid-envelope');
  });
});

describe('event time ahead of arrival', () => {
  test.each([
    ['in the past', -365 * 24 * 60 * MINUTE_MS, true],
    ['at arrival', 0, true],
    ['ahead by exactly the tolerance', 5 * MINUTE_MS, true],
  ])('%s is accepted', (_, aheadMs) => {
    expect(eventIn(read(view({ time: afterNoon(aheadMs) }))).arrivalMs).toBe(NOON_MS);
  });

  test('a millisecond beyond the tolerance is rejected, with how far it lies ahead', () => {
    const { cause } = rejectionOf(view({ time: afterNoon(5 * MINUTE_MS + 1) }));
    expect(cause).toMatchObject({ code: 'event.from-future', message: expect.stringContaining('300001 ms') });
  });

  test('is measured whatever its offset', () => {
    expect(rejectionOf(view({ time: '2026-11-01T13:05:00.001+01:00' })).cause.code).toBe('event.from-future');
    expect(read(view({ time: '2026-11-01T13:05:00+01:00' }))[0]?.kind).toBe('event');
  });

  test('is tolerated as far as a stage says', () => {
    expect(rejectionOf(view({ time: afterNoon(1) }), {}, { futureToleranceMs: 0 }).cause.code).toBe(
      'event.from-future',
    );
    expect(read(view({ time: afterNoon(60 * MINUTE_MS) }), {}, { futureToleranceMs: 60 * MINUTE_MS })[0]?.kind).toBe(
      'event',
    );
  });
});

describe('recordedtime', () => {
  const recordedtime = '2019-10-01T00:00:00Z';

  test('stands for the arrival in a stage that replays history, and nowhere else', () => {
    const event = view({ time: recordedtime, recordedtime });
    expect(eventIn(read(event, {}, { replayMode: true })).arrivalMs).toBe(Date.parse(recordedtime));
    expect(eventIn(read(event)).arrivalMs).toBe(NOON_MS);
  });

  test('is what event time is held against there', () => {
    const ahead = view({ time: '2019-10-01T00:05:00.001Z', recordedtime });
    expect(rejectionOf(ahead, {}, { replayMode: true }).cause.code).toBe('event.from-future');
    expect(read(ahead)[0]?.kind).toBe('event');
  });

  test('may be left out there: then the record has just arrived', () => {
    expect(eventIn(read(view(), {}, { replayMode: true })).arrivalMs).toBe(NOON_MS);
  });

  test('from outside does not let an event out of the future pass', () => {
    const time = afterNoon(60 * MINUTE_MS);
    expect(rejectionOf(view({ time, recordedtime: time })).cause.code).toBe('event.from-future');
  });
});
