import { type PutRecords, RecordError, type StreamRecord } from '../../../lambdas/producer/index.ts';
import { READ_AHEAD, SendError, send } from '../../../local/cli/send/send.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { clockOf, FakeStream, throttled } from '../producer/fake-stream.ts';

const record = (partitionKey: string, data: string): StreamRecord => ({ partitionKey, data: Buffer.from(data) });
const textsIn = (stream: FakeStream) => stream.arrivals.map(({ data }) => Buffer.from(data).toString());

async function* source(records: readonly StreamRecord[]): AsyncGenerator<StreamRecord> {
  yield* records;
}

/** Sends into a stream in virtual time, or by a `put` of the test's own. */
function bench(put?: PutRecords) {
  const clock = virtualClock();
  const stream = new FakeStream(clock);
  const stop = new AbortController();
  const progress: number[] = [];
  const run = (records: (signal: AbortSignal) => AsyncIterable<StreamRecord>) =>
    clock.run(
      send(records, put ?? stream.put, {
        signal: stop.signal,
        environment: clockOf(clock),
        onProgress: (accepted) => progress.push(accepted),
      }),
    );
  return { clock, stream, stop, progress, run };
}

test('every record is sent as it is, a key in its order, and the accepted ones are counted as they come', async () => {
  const { stream, progress, run } = bench();
  const texts = Array.from({ length: 1_500 }, (_, nth) => `not even JSON ${nth}`);
  const report = await run(() => source(texts.map((text, nth) => record(`k${nth % 600}`, text))));
  expect(report).toEqual({ accepted: 1_500, repeated: 0 });
  expect(textsIn(stream).toSorted()).toEqual(texts.toSorted());
  for (const key of ['k0', 'k599']) {
    const ofKey = stream.arrivals.filter(({ partitionKey }) => partitionKey === key);
    const nths = ofKey.map(({ data }) => Number(Buffer.from(data).toString().split(' ').at(-1)));
    expect(nths).toEqual(nths.toSorted((a, b) => a - b));
  }
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(1_500);
});

test('what is sent again after a lost answer is counted: the stream may hold it twice', async () => {
  const { stream, run } = bench();
  stream.weather = { ...stream.weather, answerLost: 0.5 };
  const report = await run(() => source([record('a', '1'), record('b', '2'), record('a', '3')]));
  expect(report.accepted).toBe(3);
  expect(stream.arrivals.length).toBe(3 + report.repeated);
});

describe('a source', () => {
  test('is read no further ahead than the buffer', async () => {
    const { stream, run } = bench();
    let read = 0;
    let furthest = 0;
    async function* long(): AsyncGenerator<StreamRecord> {
      while (read < 3 * READ_AHEAD) {
        yield record(`k${read % 1_000}`, 'x');
        read += 1;
        furthest = Math.max(furthest, read - stream.arrivals.length);
      }
    }
    await run(long);
    expect(stream.arrivals).toHaveLength(3 * READ_AHEAD);
    expect(furthest).toBeLessThanOrEqual(READ_AHEAD + 1);
  });

  test('that pauses does not hold back what it gave before', async () => {
    const { clock, stream, run } = bench();
    const seen: number[] = [];
    async function* pausing(): AsyncGenerator<StreamRecord> {
      yield record('a', '1');
      await clock.sleep(10_000);
      seen.push(stream.arrivals.length);
      yield record('a', '2');
    }
    expect(await run(pausing)).toEqual({ accepted: 2, repeated: 0 });
    expect(seen).toEqual([1]);
  });

  test('that fails ends the sending with its error', async () => {
    const { run } = bench();
    async function* failing(): AsyncGenerator<StreamRecord> {
      yield record('a', '1');
      throw new Error('disk gone');
    }
    await expect(run(failing)).rejects.toThrow('disk gone');
  });
});

describe('a stream that does not take a record', () => {
  const waiting = async function* (signal: AbortSignal): AsyncGenerator<StreamRecord> {
    yield record('a', '1');
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };

  test('for two minutes ends the sending, even if the source waits, and says what is in', async () => {
    const { clock, run } = bench(async (records) => records.map(throttled));
    const startMs = clock.now();
    const sending = run(waiting);
    await expect(sending).rejects.toThrow(SendError);
    await expect(sending).rejects.toThrow(/Rate exceeded.*0 records are in, 1 that were read are not/);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(120_000);
  });

  test('for good ends the sending at once', async () => {
    let requests = 0;
    const { run } = bench(async () => {
      requests += 1;
      throw new Error('Stream not found');
    });
    await expect(run(() => source([record('a', '1'), record('b', '2')]))).rejects.toThrow(/Stream not found/);
    expect(requests).toBe(1);
  });

  test('can be given up at any time, with the reason of the signal', async () => {
    const { stop, run } = bench(async (records) => {
      stop.abort(new Error('Ctrl-C'));
      return records.map(() => new RecordError('InternalFailure', 'no'));
    });
    await expect(run(waiting)).rejects.toThrow('Ctrl-C');
  });
});
