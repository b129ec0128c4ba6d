import type { KinesisStreamEvent } from 'aws-lambda';
import { Poller, type PollerConfig } from '../../../local/esm/poller.ts';
import type { Clock, PollerEvent, PollerPorts, ReadResult, ShardSource } from '../../../local/esm/ports.ts';
import type { MetricDatum, OnFailureDocument } from '../../../local/esm/protocol.ts';
import type { InvokeResult } from '../../../local/esm/types.ts';
import { SETTINGS, START_MS } from '../../support/virtual-esm.ts';
import { VirtualStream } from '../../support/virtual-stream.ts';

/** A clock that stands until it is told to go on. */
export class VirtualClock implements Clock {
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
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export class VirtualSource implements ShardSource {
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

export function pollerOver(config: PollerParts = {}) {
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
