import type { KinesisStreamEvent } from 'aws-lambda';
import { Poller, type PollerConfig } from '../../../local/esm/poller.ts';
import type { Clock, PollerEvent, PollerPorts, ReadResult, ShardSource } from '../../../local/esm/ports.ts';
import type { MetricDatum, OnFailureDocument } from '../../../local/esm/protocol.ts';
import type { InvokeResult } from '../../../local/esm/types.ts';
import { QUEUE_ARN, returned, SETTINGS, START_MS, threw } from '../../support/virtual-esm.ts';
import { VirtualStream } from '../../support/virtual-stream.ts';

const SHARD = 'shardId-000000000000';

/** A clock that stands until it is told to go on. */
class VirtualClock implements Clock {
  nowMs = START_MS;
  readonly #timers = new Set<{ readonly timeMs: number; readonly callback: () => void }>();

  now(): number {
    return this.nowMs;
  }

  at(timeMs: number, callback: () => void): () => void {
    const timer = { timeMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and whatever follows from it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settled();
    for (let next = this.#next(); next && next.timeMs <= untilMs; next = this.#next()) {
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.timeMs);
      next.callback();
      await settled();
    }
    this.nowMs = untilMs;
  }

  #next() {
    return [...this.#timers].sort((a, b) => a.timeMs - b.timeMs)[0];
  }
}

/** Lets all promises settle that wait for nothing but each other. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

class VirtualSource implements ShardSource {
  readonly stream = new VirtualStream();
  readonly signals: AbortSignal[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async listShards() {
    return this.stream.listShards();
  }

  async read(...[shardId, from, limit, signal]: Parameters<ShardSource['read']>): Promise<ReadResult> {
    this.signals.push(signal);
    return this.stream.read(shardId, from, limit, this.#clock.now());
  }
}

interface Invocation {
  readonly keys: readonly string[];
  readonly event: KinesisStreamEvent;
  readonly signal: AbortSignal;
  readonly answer: (result: InvokeResult) => void;
}

interface PollerParts extends Partial<Omit<PollerConfig, 'ports'>> {
  readonly ports?: Partial<PollerPorts>;
  readonly source?: VirtualSource;
}

function pollerOver(config: PollerParts = {}) {
  const clock = new VirtualClock();
  const source = config.source ?? new VirtualSource(clock);
  const invocations: Invocation[] = [];
  const log: PollerEvent[] = [];
  const metrics: MetricDatum[] = [];
  const documents: OnFailureDocument[] = [];
  const ports: PollerPorts = {
    source,
    invoke: (event, signal) =>
      new Promise((answer) => {
        invocations.push({ keys: event.Records.map(({ kinesis }) => kinesis.partitionKey), event, signal, answer });
      }),
    deliverOnFailure: async (document) => {
      documents.push(document);
    },
    metrics: (data) => metrics.push(...data),
    log: (event) => log.push(event),
    ...config.ports,
  };
  const poller = new Poller({ settings: SETTINGS, options: { jitter: () => 1 }, clock, ...config, ports });
  return { poller, clock, source, stream: source.stream, invocations, log, metrics, documents };
}

describe('the poller', () => {
  test('takes records from the source to the function, and is drained when they are processed', async () => {
    const { poller, clock, stream, invocations, metrics } = pollerOver();
    const record = stream.put(SHARD, 'a', clock.nowMs, { data: 'hello' });
    poller.start();
    const drained = poller.drained(clock.nowMs);
    await clock.pass(10);
    expect(invocations[0]?.event.Records).toMatchObject([
      { eventID: `${SHARD}:${record.sequenceNumber}`, kinesis: { data: btoa('hello') } },
    ]);
    invocations[0]?.answer(returned());
    await clock.pass(2_000);
    await drained;
    expect(poller.isDrained()).toBe(true);
    expect(poller.status()).toMatchObject([{ checkpoint: record.sequenceNumber }]);
    expect(metrics).toContainEqual({ name: 'PolledEventCount', value: 1 });
    await poller.stop();
    expect(clock.timers).toBe(0);
  });

  test('a rejected invocation is a throttle: logged, tried again, and spends no retry', async () => {
    const error = new Error('no environment');
    let rejections = 3;
    const { poller, clock, stream, log, documents } = pollerOver({
      settings: { ...SETTINGS, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
      ports: {
        invoke: async () => {
          rejections -= 1;
          if (rejections >= 0) throw error;
          return returned();
        },
      },
    });
    stream.put(SHARD, 'a', clock.nowMs);
    poller.start();
    await clock.pass(10_000);
    expect(poller.isDrained()).toBe(true);
    expect(documents).toEqual([]);
    expect(log).toEqual(Array(3).fill({ kind: 'port-failed', port: 'invoke', shardId: SHARD, error }));
  });

  test.each(['list-shards', 'read', 'deliver', 'metrics'] as const)(
    'a failing port, %s, is logged, and the work goes on',
    async (port) => {
      const error = new Error('refused');
      const failing = new Map(
        [
          ['list-shards', 2],
          ['read', 2],
          ['deliver', 2],
          ['metrics', 2],
        ].filter(([name]) => name === port) as [string, number][],
      );
      const may = (name: string) => {
        const left = failing.get(name) ?? 0;
        failing.set(name, left - 1);
        if (left > 0) throw error;
      };
      const parts = pollerOver();
      const { clock, source, stream } = parts;
      const documents: OnFailureDocument[] = [];
      const log: PollerEvent[] = [];
      const poller = new Poller({
        settings: { ...SETTINGS, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
        clock,
        ports: {
          source: {
            listShards: async () => {
              may('list-shards');
              return source.listShards();
            },
            read: async (...request) => {
              may('read');
              return source.read(...request);
            },
          },
          invoke: async () => threw(),
          deliverOnFailure: async (document) => {
            may('deliver');
            documents.push(document);
          },
          metrics: () => may('metrics'),
          log: (event) => log.push(event),
        },
      });
      stream.put(SHARD, 'a', clock.nowMs);
      poller.start();
      await clock.pass(10_000);
      expect(poller.isDrained()).toBe(true);
      expect(documents).toHaveLength(1);
      expect(log).toMatchObject(Array(2).fill({ kind: 'port-failed', port, error }));
    },
  );

  test('a paused poller invokes nothing until it is resumed; one that starts disabled does not even read', async () => {
    const { poller, clock, stream, invocations, source } = pollerOver({ enabled: false });
    stream.put(SHARD, 'a', clock.nowMs);
    poller.start();
    await clock.pass(60_000);
    expect(source.signals).toEqual([]);
    poller.resume();
    await clock.pass(10);
    expect(invocations).toHaveLength(1);
    poller.pause();
    stream.put(SHARD, 'b', clock.nowMs);
    invocations[0]?.answer(returned());
    await clock.pass(60_000);
    expect(invocations).toHaveLength(1);
    poller.resume();
    await clock.pass(10);
    expect(invocations[1]?.keys).toEqual(['b']);
  });

  test('runs once', () => {
    const { poller } = pollerOver();
    poller.start();
    expect(() => poller.start()).toThrow(/runs once/);
  });
});

describe('stopping the poller', () => {
  test('waits for invocations under way, whose results count, and begins no others', async () => {
    const { poller, clock, stream, invocations, source } = pollerOver({ settings: { ...SETTINGS, batchSize: 1 } });
    const [a] = ['a', 'b'].map((key) => stream.put(SHARD, key, clock.nowMs));
    poller.start();
    await clock.pass(10);
    let stopped = false;
    const stop = poller.stop().then(() => {
      stopped = true;
    });
    await clock.pass(60_000);
    expect(stopped).toBe(false);
    expect(source.signals.every((signal) => signal.aborted)).toBe(true);
    expect(invocations[0]?.signal.aborted).toBe(false);
    invocations[0]?.answer(returned());
    await stop;
    expect(invocations).toHaveLength(1);
    expect(poller.checkpoints()).toEqual([
      { shardId: SHARD, position: { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber } },
    ]);
    expect(clock.timers).toBe(0);
  });

  test('waits for the document of a batch that was under way', async () => {
    const { poller, clock, stream, invocations, documents } = pollerOver({
      settings: { ...SETTINGS, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
    });
    stream.put(SHARD, 'a', clock.nowMs);
    poller.start();
    await clock.pass(10);
    const stop = poller.stop('wait');
    invocations[0]?.answer(threw());
    await stop;
    expect(documents).toHaveLength(1);
    expect(poller.status()).toMatchObject([{ buffered: 0 }]);
  });

  test('abandons invocations if told to: they are aborted, a late answer changes nothing, and a later poller delivers again', async () => {
    const first = pollerOver();
    first.stream.put(SHARD, 'a', first.clock.nowMs);
    first.poller.start();
    await first.clock.pass(10);
    await first.poller.stop('abandon');
    expect(first.invocations[0]?.signal.aborted).toBe(true);
    first.invocations[0]?.answer(returned());
    await settled();
    expect(first.poller.status()).toMatchObject([{ buffered: 1 }]);
    const second = pollerOver({ source: first.source, checkpoints: first.poller.checkpoints() });
    second.poller.start();
    await second.clock.pass(10);
    expect(second.invocations.map(({ keys }) => keys)).toEqual([['a']]);
  });

  test('a poller that goes on from checkpoints delivers only what is above them', async () => {
    const first = pollerOver();
    first.stream.put(SHARD, 'a', first.clock.nowMs);
    first.poller.start();
    await first.clock.pass(10);
    first.invocations[0]?.answer(returned());
    await first.poller.stop();
    first.stream.put(SHARD, 'b', first.clock.nowMs);
    const second = pollerOver({ source: first.source, checkpoints: first.poller.checkpoints() });
    second.poller.start();
    await second.clock.pass(10);
    expect(second.invocations.map(({ keys }) => keys)).toEqual([['b']]);
  });

  test('what the stop itself aborts is not logged as a failure', async () => {
    const { poller, log } = pollerOver({
      ports: {
        source: {
          listShards: (signal) =>
            new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
          read: () => Promise.reject(new Error('not listed')),
        },
      },
    });
    poller.start();
    await poller.stop();
    await settled();
    expect(log).toEqual([]);
  });

  test('ends the wait for being drained', async () => {
    const { poller } = pollerOver();
    poller.start();
    const drained = expect(poller.drained(START_MS + 1)).rejects.toThrow(/stopped before its stream was drained/);
    await poller.stop();
    await drained;
  });

  test('a source that gives records out of order stops the poller, loudly', async () => {
    const { poller, clock, stream, log } = pollerOver();
    stream.put(SHARD, 'a', clock.nowMs, { sequenceNumber: '2' });
    stream.put(SHARD, 'b', clock.nowMs, { sequenceNumber: '1' });
    poller.start();
    const drained = expect(poller.drained(clock.nowMs)).rejects.toThrow();
    await clock.pass(60_000);
    await drained;
    expect(log).toMatchObject([{ kind: 'stopped-by-error', error: { code: 'esm.impossible-input' } }]);
    expect(clock.timers).toBe(0);
  });
});
