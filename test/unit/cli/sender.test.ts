import fc from 'fast-check';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { type Outgoing, sizeOf } from '../../../local/cli/send/outgoing.ts';
import { CALL_BOUNDS, type PutRecords, SendError, send, WINDOW_BOUNDS } from '../../../local/cli/send/sender.ts';

const decoder = new TextDecoder();
const record = (partitionKey: string, data: string): Outgoing => ({ partitionKey, data: Buffer.from(data) });
const throttled = () => new TransientError('stream.throttled', 'Slow down');

async function* source(records: readonly Outgoing[]): AsyncGenerator<Outgoing> {
  yield* records;
}

/** Time that passes only by sleeping. */
function virtualTime(random: () => number = () => 0.5) {
  let nowMs = 0;
  const slept: number[] = [];
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    slept.push(ms);
    nowMs += ms;
  };
  return { now: () => nowMs, sleep, random, slept };
}

const options = (environment = virtualTime()) => ({ environment, signal: new AbortController().signal });

describe('the stream holds every record, in the order of its key', () => {
  type Fate = 'accepted' | 'refused';
  const fates = fc.array(fc.constantFrom<Fate>('accepted', 'refused'), { minLength: 1, maxLength: 20 });
  const calls = fc.array(fc.constantFrom('answered', 'answered', 'failed', 'answer lost'), { maxLength: 20 });
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 60 });

  test('whichever records fail, whichever requests fail and whichever answers are lost', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fates, calls, async (input, fate, call) => {
        const stream: string[] = [];
        let records = 0;
        let requests = 0;
        let lost = 0;
        const put: PutRecords = async (batch) => {
          const kind = call[requests++] ?? 'answered';
          if (kind === 'failed') throw throttled();
          const results = batch.map(({ partitionKey, data }) => {
            const every = records++;
            if (requests <= call.length && fate[every % fate.length] === 'refused') return throttled();
            stream.push(`${partitionKey}${decoder.decode(data)}`);
            return undefined;
          });
          if (kind !== 'answer lost') return results;
          lost += results.filter((result) => result === undefined).length;
          throw new TransientError('stream.unavailable', 'Connection reset');
        };
        const events = input.map((key, nth) => record(key, String(nth).padStart(3, '0')));

        const report = await send(() => source(events), put, options());

        expect(report.accepted).toBe(events.length);
        expect(stream.length).toBe(events.length + lost);
        expect(report.repeated).toBeGreaterThanOrEqual(lost);
        for (const key of new Set(input)) {
          const arrived = stream.filter((entry) => entry.startsWith(key));
          expect(arrived).toEqual(arrived.toSorted());
          expect(new Set(arrived).size).toBe(input.filter((other) => other === key).length);
        }
      }),
    );
  });

  test('while a key waits for its failed record, the other keys go on', async () => {
    const stream: string[] = [];
    let refusals = 3;
    const put: PutRecords = async (batch) =>
      batch.map(({ partitionKey, data }) => {
        if (partitionKey === 'slow' && refusals-- > 0) return throttled();
        stream.push(`${partitionKey}${decoder.decode(data)}`);
        return undefined;
      });
    const events = ['slow', 'a', 'slow', 'a', 'a'].map((key, nth) => record(key, String(nth)));
    await send(() => source(events), put, options());
    expect(stream).toEqual(['a1', 'a3', 'a4', 'slow0', 'slow2']);
  });
});

describe('a request', () => {
  async function requestsFor(records: readonly Outgoing[]): Promise<(readonly Outgoing[])[]> {
    const requests: (readonly Outgoing[])[] = [];
    const put: PutRecords = async (batch) => {
      requests.push(batch);
      // A request takes its time, in which the source is read on.
      await new Promise(setImmediate);
      return batch.map(() => undefined);
    };
    await send(() => source(records), put, options());
    return requests;
  }

  test('carries 500 records at most', async () => {
    const requests = await requestsFor(Array.from({ length: 1_600 }, (_, nth) => record(`key${nth}`, 'x')));
    expect(requests.flat()).toHaveLength(1_600);
    expect(Math.max(...requests.map((batch) => batch.length))).toBe(CALL_BOUNDS.records);
  });

  test('carries 4 MiB at most, keys included', async () => {
    const large = 'x'.repeat(900 * 1024);
    const requests = await requestsFor(Array.from({ length: 10 }, (_, nth) => record(`key${nth}`, large)));
    expect(requests.flat()).toHaveLength(10);
    for (const batch of requests) {
      expect(batch.reduce((bytes, one) => bytes + sizeOf(one), 0)).toBeLessThanOrEqual(CALL_BOUNDS.bytes);
    }
  });

  test('never carries two records of a key', async () => {
    const requests = await requestsFor(Array.from({ length: 50 }, (_, nth) => record(`key${nth % 7}`, String(nth))));
    for (const batch of requests) expect(new Set(batch.map((one) => one.partitionKey)).size).toBe(batch.length);
  });
});

describe('a source', () => {
  test('is read no further ahead than the window', async () => {
    let read = 0;
    let accepted = 0;
    let furthest = 0;
    async function* endless(): AsyncGenerator<Outgoing> {
      while (read < 4 * WINDOW_BOUNDS.records) {
        yield record(`key${read % 1_000}`, 'x');
        read += 1;
        furthest = Math.max(furthest, read - accepted);
      }
    }
    const put: PutRecords = async (batch) => {
      // A request takes its time, in which the source could be read on and on.
      await new Promise(setImmediate);
      accepted += batch.length;
      return batch.map(() => undefined);
    };
    await send(endless, put, options());
    expect(accepted).toBe(4 * WINDOW_BOUNDS.records);
    expect(furthest).toBeLessThanOrEqual(WINDOW_BOUNDS.records + CALL_BOUNDS.records);
  });

  test('that pauses does not hold back what it gave before', async () => {
    const sent = Promise.withResolvers<void>();
    async function* pausing(): AsyncGenerator<Outgoing> {
      yield record('a', '1');
      await sent.promise;
      yield record('a', '2');
    }
    const put: PutRecords = async (batch) => {
      sent.resolve();
      return batch.map(() => undefined);
    };
    expect(await send(pausing, put, options())).toEqual({ accepted: 2, repeated: 0 });
  });

  test('that fails ends the sending with its error', async () => {
    async function* failing(): AsyncGenerator<Outgoing> {
      yield record('a', '1');
      throw new Error('disk gone');
    }
    const put: PutRecords = async (batch) => batch.map(() => undefined);
    await expect(send(failing, put, options())).rejects.toThrow('disk gone');
  });
});

describe('a stream that does not take a record', () => {
  test('is asked 20 times, with full jitter of a growing and bounded wait', async () => {
    const time = virtualTime(() => 1);
    const put: PutRecords = async (batch) => batch.map(throttled);
    await expect(send(() => source([record('a', '1')]), put, options(time))).rejects.toThrow(SendError);
    expect(time.slept.slice(0, 8)).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000]);
    expect(time.slept).toHaveLength(19);
  });

  test('for good ends the sending at once', async () => {
    let requests = 0;
    const put: PutRecords = async () => {
      requests += 1;
      throw new Error('Stream not found');
    };
    await expect(send(() => source([record('a', '1')]), put, options())).rejects.toThrow('Stream not found');
    expect(requests).toBe(1);
  });

  test('can be given up at any time, with the reason of the signal', async () => {
    const stop = new AbortController();
    async function* waiting(signal: AbortSignal): AsyncGenerator<Outgoing> {
      yield record('a', '1');
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }
    const put: PutRecords = async (batch) => {
      stop.abort(new Error('Ctrl-C'));
      return batch.map(() => undefined);
    };
    const sending = send(waiting, put, { environment: virtualTime(), signal: stop.signal });
    await expect(sending).rejects.toThrow('Ctrl-C');
  });
});
