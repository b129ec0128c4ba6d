import { ProducerClosedError, type Sender, UndeliveredError } from '../../../lambdas/producer/index.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import { eventsIn, FAIR, type FakeStream } from './fake-stream.ts';
import { added, padded, senderBench } from './shop.ts';

const DOWN = { ...FAIR, callFails: 1 };
const idsIn = (stream: FakeStream) => stream.arrivals.flatMap((record) => eventsIn(record).map(({ id }) => id));

/** Whether the promise is settled after so much time. */
async function isSettledAfter(clock: VirtualClock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await clock.run(clock.sleep(ms));
  return isSettled;
}

describe('a full buffer', () => {
  test('makes send wait until the stream has taken something', async () => {
    const { writer, stream, clock } = senderBench({ bufferEvents: 2, lingerMs: 0 }, { weather: DOWN });
    await writer.send(added('u', 'a'));
    await writer.send(added('u', 'b'));
    const third = writer.send(added('u', 'c'));
    expect(await isSettledAfter(clock, 60_000, third)).toBe(false);
    expect(writer.metrics()).toMatchObject({ accepted: 2, buffered: { events: 2 } });
    stream.weather = FAIR;
    expect(await isSettledAfter(clock, 60_000, third)).toBe(true);
    expect(idsIn(stream)).toEqual(['a', 'b', 'c']);
  });

  test('is full by bytes as well, yet takes an event that is larger than all of it', async () => {
    const { writer, stream, clock } = senderBench({ bufferBytes: 5_000, lingerMs: 0 });
    const sent = ['a', 'b', 'c'].map((id, nth) => writer.send(padded('u', id, nth === 1 ? 20_000 : 3_000)));
    expect(await isSettledAfter(clock, 0, sent[1] as Promise<unknown>)).toBe(false);
    await clock.run(Promise.all(sent));
    await clock.run(writer.flush());
    expect(idsIn(stream)).toEqual(['a', 'b', 'c']);
  });

  test('gives room in the order in which it was asked for, whoever asks while it is given', async () => {
    const { writer, stream, clock } = senderBench({ bufferEvents: 1, lingerMs: 0 });
    const late: Promise<unknown>[] = [];
    const receipt = await writer.send(added('u', 'a'));
    const waiting = [writer.send(added('u', 'b')), writer.send(added('u', 'c'))];
    receipt.delivered().then(
      () => late.push(writer.send(added('u', 'd'))),
      (error: unknown) => late.push(Promise.reject(error)),
    );
    await clock.run(Promise.all(waiting));
    await clock.run(Promise.all(late));
    await clock.run(writer.flush());
    expect(idsIn(stream)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('need not be waited for: a signal ends the waiting, and the event is not sent', async () => {
    const { writer, stream, clock } = senderBench({ bufferEvents: 1 }, { weather: DOWN });
    await writer.send(added('u', 'a'));
    const patience = new AbortController();
    const impatient = writer.send(added('u', 'b'), { signal: patience.signal });
    const patient = writer.send(added('u', 'c'));
    patience.abort(new Error('no time'));
    await expect(impatient).rejects.toThrow('no time');
    stream.weather = FAIR;
    await clock.run(patient);
    await clock.run(writer.close());
    expect(idsIn(stream)).toEqual(['a', 'c']);
    await expect(writer.send(added('u', 'd'), { signal: patience.signal })).rejects.toThrow(ProducerClosedError);
  });
});

describe('flush', () => {
  test('waits for all that was sent before it, and for nothing that was sent after it', async () => {
    const { writer, stream, clock } = senderBench({ lingerMs: 0 }, { weather: DOWN });
    await writer.send(added('u', 'a'));
    const flushed = writer.flush();
    await writer.send(added('v', 'b'));
    expect(await isSettledAfter(clock, 10_000, flushed)).toBe(false);
    stream.weather = FAIR;
    await clock.run(flushed);
    expect(idsIn(stream)).toContain('a');
    await clock.run(writer.flush());
    expect(idsIn(stream).toSorted()).toEqual(['a', 'b']);
  });

  test('waits for sends that wait themselves', async () => {
    const { writer, stream, clock } = senderBench({ bufferEvents: 1 });
    const sent = ['a', 'b', 'c'].map((id) => writer.send(added('u', id)));
    await clock.run(writer.flush());
    await Promise.all(sent);
    expect(idsIn(stream)).toEqual(['a', 'b', 'c']);
  });

  test('has nothing to wait for at first, and need not be waited for', async () => {
    const { writer, clock } = senderBench({}, { weather: DOWN });
    await clock.run(writer.flush());
    await writer.send(added('u', 'a'));
    const patience = new AbortController();
    const flushed = writer.flush({ signal: patience.signal });
    patience.abort(new Error('no time'));
    await expect(flushed).rejects.toThrow('no time');
    expect(writer.metrics().buffered.events).toBe(1);
  });
});

describe('close', () => {
  test('waits for all, and refuses what comes later', async () => {
    const { writer, stream, clock } = senderBench();
    await writer.send(added('u', 'a'));
    const closed = writer.close();
    await expect(writer.send(added('u', 'b'))).rejects.toThrow(ProducerClosedError);
    await clock.run(closed);
    expect(idsIn(stream)).toEqual(['a']);
    await clock.run(writer.close());
  });

  test('happens at the end of a block', async () => {
    const { writer, stream, clock } = senderBench();
    const block = async (): Promise<void> => {
      await using sender: Sender = writer;
      await sender.send(added('u', 'a'));
    };
    await clock.run(block());
    expect(idsIn(stream)).toEqual(['a']);
  });

  test('with a signal gives up in time, and says exactly what is not in the stream', async () => {
    const { writer, stream, clock } = senderBench({ concurrency: 1 }, { latencyMs: () => 1_000 });
    await writer.send(added('u', 'a'));
    await writer.send(added('v', 'b'));
    await clock.run(writer.flush());
    await writer.send(added('u', 'c'));
    await clock.run(clock.sleep(600));
    await writer.send(added('u', 'd'));
    await writer.send(added('v', 'e'));
    const patience = new AbortController();
    const closed = writer.close({ signal: patience.signal });
    patience.abort(new Error('enough'));
    const error = await clock.run(closed.catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(UndeliveredError);
    const { undelivered } = error as UndeliveredError;
    expect(undelivered.map(({ events, inDoubt, failure }) => [events[0]?.id, inDoubt, failure.kind])).toEqual([
      // Under way when it was given up, and indeed in.
      ['c', true, 'aborted'],
      ['d', false, 'aborted'],
      ['e', false, 'aborted'],
    ]);
    expect(idsIn(stream).slice(0, 2).toSorted()).toEqual(['a', 'b']);
    expect(stream.underWay).toBe(0);
  });
});

describe('the producer’s own signal', () => {
  test('ends everything: what is under way, what waits, and who waits', async () => {
    const stop = new AbortController();
    const { writer, stream, clock } = senderBench({ signal: stop.signal, bufferEvents: 1 }, { weather: DOWN });
    const receipt = await writer.send(added('u', 'a'));
    const waiting = writer.send(added('u', 'b'));
    await clock.run(clock.sleep(5_000));
    stop.abort(new Error('shutdown'));
    await expect(waiting).rejects.toThrow('shutdown');
    await expect(receipt.delivered()).rejects.toMatchObject({ undelivered: [{ partitionKey: 'u' }] });
    await expect(writer.send(added('u', 'c'))).rejects.toThrow('shutdown');
    await expect(writer.flush()).rejects.toMatchObject({ undelivered: [{ failure: { kind: 'aborted' } }] });
    await clock.run(writer.close());
    const { length } = stream.calls;
    await clock.run(clock.sleep(60_000));
    expect(stream.calls.length).toBe(length);
  });

  test('may have aborted before', async () => {
    const { writer } = senderBench({ signal: AbortSignal.abort(new Error('too late')) });
    await expect(writer.send(added('u', 'a'))).rejects.toThrow('too late');
    await writer.close();
  });
});

test('a callback that throws ends the producer with its error, and loses nothing silently', async () => {
  const { writer, clock } = senderBench({
    onCall: () => {
      throw new Error('defect');
    },
  });
  await writer.send(added('u', 'a'));
  await clock.run(writer.flush());
  await expect(writer.send(added('u', 'b'))).rejects.toThrow('defect');
});
