import { transientOf } from '../../../lambdas/aws/errors.ts';
import type { Environment, TransientError } from '../../../lambdas/runtime/ports.ts';
import type { ReadResult, ShardSource } from '../../esm/ports.ts';
import type { ReadPosition } from '../../esm/protocol.ts';
import type { Shard, StreamRecord } from '../../esm/types.ts';
import { Channel } from './channel.ts';
import { Lineage, type ReadyShard, type TailStart } from './lineage.ts';

/** A record with the shard that it came from. */
export interface TailedRecord {
  readonly shardId: string;
  readonly record: StreamRecord;
}

/** How a stream is read. */
export interface ReadPace {
  /** Pause after a read that reached the end of a shard. */
  readonly tipMs: number;
  /** Pause after one that did not. */
  readonly behindMs: number;
  /**
   * Bytes per second of one shard at most. A shard gives 2 MB/s to all its readers together, and what a tail takes is missing to the
   * processors (Kinesis developer guide, "Quotas and limits").
   */
  readonly bytesPerSecond: number;
  /** Records of one read at most. */
  readonly records: number;
  /** How far this machine's clock may be ahead of the service's. */
  readonly clockToleranceMs: number;
}

export const SERVICE_PACE: ReadPace = {
  tipMs: 1_000,
  behindMs: 250,
  bytesPerSecond: 1_000_000,
  records: 1_000,
  clockToleranceMs: 5_000,
};
/** The local cloud limits nobody, runs by this machine's clock, and everything should show at once. */
export const LOCAL_PACE: ReadPace = {
  tipMs: 200,
  behindMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  records: 1_000,
  clockToleranceMs: 0,
};

export interface TailOptions {
  readonly start: TailStart;
  readonly pace: ReadPace;
  readonly environment: Pick<Environment, 'now' | 'sleep' | 'random'>;
  readonly signal: AbortSignal;
  /** Told once of each shard that has to wait, until it goes on. */
  readonly onWait: (shardId: string, reason: TransientError) => void;
}

const BACKOFF = { baseMs: 250, capMs: 10_000, leastMs: 50 } as const;
/** Failures in a row after which a tail gives up. A stream whose read limit is reached is there, and is waited for without end. */
const MOST_FAILURES = 8;
/** Records that are read but not taken yet: when nobody takes them, nothing more is read. */
const MOST_BUFFERED = 2_000;
/** A child may be missing from a listing right after its parent's end. */
const LISTING_MS = 500;

/**
 * The records of all shards of a stream as they arrive, those of each shard in order, and those of a child after all of its parents. Ends
 * when the signal aborts.
 *
 * @throws TransientError after eight failures in a row that are no throttling; what the service refuses for good.
 */
export async function* tailRecords(source: ShardSource, options: TailOptions): AsyncGenerator<TailedRecord> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const tail = new Tail(source, { ...options, signal });
  const running = tail.run();
  try {
    yield* tail.records;
  } finally {
    stop.abort(new Error('The tail has ended'));
    await running;
  }
}

class Tail {
  readonly records = new Channel<TailedRecord>(MOST_BUFFERED);
  readonly #source: ShardSource;
  readonly #options: TailOptions;
  readonly #lineage: Lineage;
  readonly #reading = new Set<Promise<void>>();

  constructor(source: ShardSource, options: TailOptions) {
    this.#source = source;
    this.#options = options;
    this.#lineage = new Lineage(options.start);
  }

  /** Resolves once nothing is read any more. What fails ends the channel. */
  async run(): Promise<void> {
    this.#options.signal.addEventListener('abort', () => this.records.close(), { once: true });
    try {
      this.#begin(this.#lineage.learn(await this.#list()));
    } catch (error) {
      this.#fail(error);
    }
    while (this.#reading.size > 0) await Promise.race(this.#reading);
    this.records.close();
  }

  #begin(shards: readonly ReadyShard[]): void {
    for (const shard of shards) {
      const reading = this.#follow(shard)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => this.#reading.delete(reading));
      this.#reading.add(reading);
    }
  }

  #fail(error: unknown): void {
    this.records.close(this.#options.signal.aborted ? undefined : { error });
  }

  /** Reads a shard to its end, then begins with what waited for it. */
  async #follow({ shardId, from }: ReadyShard): Promise<void> {
    const { environment, signal, pace } = this.#options;
    let position = from;
    for (;;) {
      const askedMs = environment.now();
      const result = await this.#read(shardId, position);
      position = fixed(position, askedMs - pace.clockToleranceMs);
      for (const record of result.records) {
        if (!(await this.records.push({ shardId, record }))) return;
        position = { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: record.sequenceNumber };
      }
      if (result.exhausted) break;
      await environment.sleep(pauseAfter(result, pace), signal);
    }
    await this.#findChildren(shardId);
    this.#begin(this.#lineage.end(shardId));
  }

  async #read(shardId: string, from: ReadPosition): Promise<ReadResult> {
    const { signal, pace } = this.#options;
    return this.#persist(shardId, () => this.#source.read(shardId, from, pace.records, signal));
  }

  async #findChildren(shardId: string): Promise<void> {
    const { environment, signal } = this.#options;
    while (!this.#lineage.hasChildren(shardId)) {
      this.#begin(this.#lineage.learn(await this.#list()));
      if (!this.#lineage.hasChildren(shardId)) await environment.sleep(LISTING_MS, signal);
    }
  }

  #list(): Promise<readonly Shard[]> {
    return this.#persist('the list of shards', () => this.#source.listShards(this.#options.signal));
  }

  /** Tries again what may work later, with full jitter. */
  async #persist<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    const { environment, signal, onWait } = this.#options;
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        const reason = transientOf('stream', error);
        const isThrottled = reason?.code === 'stream.throttled';
        if (reason === undefined || (!isThrottled && failures >= MOST_FAILURES)) throw reason ?? error;
        if (failures === 1) onWait(what, reason);
        const most = Math.min(BACKOFF.capMs, BACKOFF.baseMs * 2 ** (failures - 1));
        await environment.sleep(BACKOFF.leastMs + environment.random() * most, signal);
      }
    }
  }
}

/**
 * LATEST is asked for once: from then on a shard without a record yet is read from that time, so that an iterator that expires skips
 * nothing.
 */
const fixed = (position: ReadPosition, timestampMs: number): ReadPosition =>
  position.kind === 'LATEST' ? { kind: 'AT_TIMESTAMP', timestampMs } : position;

function pauseAfter({ records, millisBehindLatest }: ReadResult, pace: ReadPace): number {
  const bytes = records.reduce((sum, { data }) => sum + data.length, 0);
  const share = (bytes / pace.bytesPerSecond) * 1_000;
  return Math.max(millisBehindLatest > 0 ? pace.behindMs : pace.tipMs, share);
}
