import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import type { Sender } from '../../../lambdas/producer/index.ts';
import { recordOf } from '../../support/events.ts';
import { read, said } from '../decode/reading.ts';
import { eventsIn, type FakeStream, jsonIn } from './fake-stream.ts';
import { added, padded, senderBench } from './shop.ts';

const many = (count: number): readonly number[] => Array.from({ length: count }, (_, nth) => nth);
const idsIn = (stream: FakeStream) => stream.arrivals.map((record) => eventsIn(record).map(({ id }) => id));

async function sendAll(sender: Sender, events: readonly Parameters<Sender['send']>[0][]): Promise<void> {
  for (const event of events) await sender.send(event);
}

describe('events of one key', () => {
  test('that come together travel together, as a CloudEvents batch in their order', async () => {
    const { writer, stream, clock } = senderBench();
    await sendAll(writer, [added('u', 'a'), added('v', 'x'), added('u', 'b'), added('u', 'c')]);
    await clock.run(writer.flush());
    expect(idsIn(stream)).toEqual([['a', 'b', 'c'], ['x']]);
    expect(stream.arrivals.map((record) => Array.isArray(jsonIn(record)))).toEqual([true, false]);
  });

  test('fill records up to the number of events, and as few records as possible', async () => {
    const { writer, stream, clock } = senderBench({ recordEvents: 100, bufferEvents: 10_000 });
    await sendAll(
      writer,
      many(1_000).map((nth) => added('u', `e${nth}`)),
    );
    await clock.run(writer.flush());
    expect(idsIn(stream).map((ids) => ids.length)).toEqual(new Array(10).fill(100));
    expect(idsIn(stream).flat()).toEqual(many(1_000).map((nth) => `e${nth}`));
  });

  test('fill records up to the bytes, key included, and one that is larger goes alone', async () => {
    const { writer, stream, clock } = senderBench({ recordBytes: 10_000 });
    const sizes = [4_000, 4_000, 4_000, 50_000, 100];
    await sendAll(
      writer,
      sizes.map((bytes, nth) => padded('u'.repeat(256), `e${nth}`, bytes)),
    );
    await clock.run(writer.flush());
    expect(idsIn(stream)).toEqual([['e0', 'e1'], ['e2'], ['e3'], ['e4']]);
    for (const { data, partitionKey } of stream.arrivals) {
      if (data.length < 40_000) expect(data.length + partitionKey.length).toBeLessThanOrEqual(10_000);
    }
  });

  test('are never packed beyond what readers take: values and levels', async () => {
    const { writer, stream, clock } = senderBench({ recordBytes: RECORD_LIMITS.bytes, recordEvents: 10_000 });
    const numbers = new Array(100_000).fill(1);
    let deep: unknown = 1;
    for (let level = 2; level <= RECORD_LIMITS.depth; level++) deep = [deep];
    const events = [numbers, numbers, numbers, deep, deep, 1].map((data, nth) => ({
      ...added('user-1', `e${nth}`),
      data,
    }));
    await sendAll(writer, events);
    await clock.run(writer.flush());
    expect(idsIn(stream)).toEqual([['e0', 'e1'], ['e2'], ['e3'], ['e4'], ['e5']]);
    // Readers find fault with the data, which are none of a cart, and with nothing else.
    const codes = stream.arrivals.flatMap(({ data }) => said(read(recordOf(data).data)));
    expect(new Set(codes)).toEqual(new Set(['event.invalid-data']));
  });

  test('that must travel together do, whatever else waits', async () => {
    const { writer, stream, clock } = senderBench({ recordEvents: 3 });
    await writer.send(added('u', 'a'));
    await writer.send(added('u', 'b'));
    await writer.sendTogether([added('u', 'c'), added('u', 'd'), added('u', 'e'), added('u', 'f')]);
    await writer.send(added('u', 'g'));
    await clock.run(writer.flush());
    expect(idsIn(stream)).toEqual([['a', 'b'], ['c', 'd', 'e', 'f'], ['g']]);
    await expect(writer.sendTogether([added('u', 'h'), added('v', 'i')])).rejects.toThrow(/subject: must be the same/);
    await expect(writer.sendTogether(many(10_001).map((nth) => added('u', `n${nth}`)))).rejects.toMatchObject({
      unit: 'events',
    });
  });

  test('are compressed if that makes the record smaller, and are then what readers expect', async () => {
    const { writer, stream, clock } = senderBench({ gzip: true });
    await sendAll(writer, [...many(100).map((nth) => added('user-1', `e${nth}`)), added('v', 'short')]);
    await clock.run(writer.flush());
    const [packed, short] = stream.arrivals;
    expect(packed?.data.slice(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(packed?.data.length).toBeLessThan(4_000);
    expect(said(read(packed?.data))).toEqual(many(100).map((nth) => `e${nth}`));
    expect(short?.data[0]).toBe('{'.charCodeAt(0));
  });
});

describe('a record of the caller’s own making', () => {
  test('goes byte by byte, in the order of its key, packed with nothing', async () => {
    const { writer, stream, clock } = senderBench({ gzip: true });
    const bytes = (text: string) => ({ partitionKey: 'u', data: Buffer.from(text) });
    await writer.send(added('u', 'a'));
    await writer.sendRecord(bytes('no JSON'));
    await writer.sendRecord(bytes('x'.repeat(5_000)));
    await writer.send(added('u', 'b'));
    await writer.send(added('u', 'c'));
    await clock.run(writer.flush());
    const texts = stream.arrivals.map(({ data }) => Buffer.from(data).toString());
    expect(texts.slice(1, 3)).toEqual(['no JSON', 'x'.repeat(5_000)]);
    expect([0, 3].map((nth) => eventsIn(stream.arrivals[nth] as never).length)).toEqual([1, 2]);
  });

  test('must have a partition key, and fit', async () => {
    const { writer } = senderBench();
    const data = Buffer.alloc(RECORD_LIMITS.bytes);
    for (const partitionKey of ['', 'k'.repeat(257), '\ud800']) {
      await expect(writer.sendRecord({ partitionKey, data })).rejects.toMatchObject({ code: 'producer.invalid-event' });
    }
    await expect(writer.sendRecord({ partitionKey: 'k', data })).rejects.toMatchObject({ unit: 'bytes' });
  });
});

describe('a call', () => {
  test('carries 500 records at most, one of a key', async () => {
    const { writer, stream, clock } = senderBench({ bufferEvents: 10_000 });
    await sendAll(
      writer,
      many(3_600).map((nth) => added(`u${nth % 1_200}`, `e${nth}`)),
    );
    await clock.run(writer.flush());
    expect(stream.calls.map(({ records }) => records.length)).toEqual([500, 500, 200]);
    for (const { records } of stream.calls) {
      expect(new Set(records.map(({ partitionKey }) => partitionKey)).size).toBe(records.length);
    }
  });

  test('carries no more bytes than set', async () => {
    const callBytes = 2 * 1024 * 1024;
    const { writer, stream, clock } = senderBench({ callBytes });
    await sendAll(
      writer,
      many(12).map((nth) => padded(`u${nth}`, `e${nth}`, 700_000)),
    );
    await clock.run(writer.flush());
    expect(stream.arrivals).toHaveLength(12);
    for (const { records } of stream.calls) {
      const bytes = records.reduce((sum, { data, partitionKey }) => sum + data.length + partitionKey.length, 0);
      expect(bytes).toBeLessThanOrEqual(callBytes);
      expect(records.length).toBeGreaterThan(0);
    }
  });
});

describe('an event lingers', () => {
  test('for so long, and no longer', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 100 });
    const startMs = clock.now();
    await writer.send(added('u', 'a'));
    await clock.run(clock.sleep(60));
    await writer.send(added('u', 'b'));
    await clock.run(clock.sleep(200));
    expect(stream.calls.map(({ atMs }) => atMs - startMs)).toEqual([100]);
    expect(idsIn(stream)).toEqual([['a', 'b']]);
  });

  test('but goes along with a call once it has waited for half of its time', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 100 });
    const startMs = clock.now();
    await writer.send(added('due', 'a'));
    await clock.run(clock.sleep(40));
    await writer.send(added('old', 'b'));
    await clock.run(clock.sleep(20));
    await writer.send(added('young', 'c'));
    await clock.run(clock.sleep(200));
    const keys = stream.calls.map(({ records }) => records.map(({ partitionKey }) => partitionKey));
    expect(keys).toEqual([['due', 'old'], ['young']]);
    expect(stream.calls.map(({ atMs }) => atMs - startMs)).toEqual([100, 160]);
  });

  test('no longer than its record takes to fill', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 60_000, recordEvents: 10 });
    const startMs = clock.now();
    await sendAll(
      writer,
      many(25).map((nth) => added('u', `e${nth}`)),
    );
    await clock.run(clock.sleep(1_000));
    expect(idsIn(stream).map((ids) => ids.length)).toEqual([10, 10]);
    expect(Math.max(...stream.calls.map(({ atMs }) => atMs - startMs))).toBeLessThan(100);
    await clock.run(clock.sleep(60_000));
    expect(idsIn(stream).map((ids) => ids.length)).toEqual([10, 10, 5]);
  });

  test('no longer than a call takes to fill with bytes', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 60_000, callBytes: 1024 * 1024 });
    await sendAll(
      writer,
      many(30).map((nth) => padded(`u${nth}`, `e${nth}`, 40_000)),
    );
    await clock.run(clock.sleep(1_000));
    expect(stream.calls).toHaveLength(1);
    expect(stream.arrivals.length).toBeGreaterThan(20);
    await clock.run(clock.sleep(60_000));
    expect(stream.arrivals).toHaveLength(30);
  });

  test('no longer once the buffer is full, or somebody flushes', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 60_000, bufferEvents: 3 });
    const startMs = clock.now();
    await clock.run(
      sendAll(
        writer,
        many(4).map((nth) => added(`u${nth}`, `e${nth}`)),
      ),
    );
    expect(stream.arrivals).toHaveLength(3);
    await clock.run(writer.flush());
    expect(stream.arrivals).toHaveLength(4);
    expect(clock.now() - startMs).toBeLessThan(100);
  });
});
