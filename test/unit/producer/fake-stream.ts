import { gunzipSync } from 'node:zlib';
import {
  type Clock,
  type Delivery,
  type PutRecords,
  RecordError,
  type StreamRecord,
} from '../../../lambdas/producer/index.ts';
import { hashKeyOf } from '../../../lambdas/producer/shard-map.ts';
import { seededRandom, type VirtualClock } from '../../support/virtual-clock.ts';

/** Probabilities: of an entry, or of a whole call. */
export interface Weather {
  readonly entryThrottled: number;
  readonly entryFailed: number;
  /** The call fails, and has put nothing. */
  readonly callFails: number;
  /** The call has put its records, and fails. */
  readonly answerLost: number;
  /** Nobody ever answers; the records may be in. */
  readonly hangs: number;
}

export const FAIR: Weather = { entryThrottled: 0, entryFailed: 0, callFails: 0, answerLost: 0, hangs: 0 };

/** A record that the stream has taken. */
export interface Arrival extends StreamRecord {
  readonly shardId: string;
  readonly atMs: number;
}

/** A request as it came. */
export interface Call {
  readonly records: readonly StreamRecord[];
  readonly atMs: number;
}

export interface FakeStreamOptions {
  readonly weather?: Weather;
  readonly random?: () => number;
  /** Milliseconds of a call, from request to answer. */
  readonly latencyMs?: () => number;
  readonly shards?: number;
  /** What one shard takes in a second; without limits by default. */
  readonly limits?: { readonly bytesPerSecond: number; readonly recordsPerSecond: number };
  /** Whether throttled entries name their shard, as the service does. */
  readonly namesShards?: boolean;
}

const code = (name: string): Error => Object.assign(new Error(`${name} of a fake stream`), { name });

/** A stream in memory, in virtual time, with any weather. */
export class FakeStream {
  readonly #clock: VirtualClock;
  readonly #options: FakeStreamOptions;
  readonly #random: () => number;
  readonly #buckets = new Map<string, { bytes: number; records: number; atMs: number }>();
  weather: Weather;
  readonly arrivals: Arrival[] = [];
  readonly calls: Call[] = [];
  /** Calls that are not answered yet. */
  underWay = 0;
  mostUnderWay = 0;
  /** When entries were throttled. */
  readonly throttledMs: number[] = [];

  constructor(clock: VirtualClock, options: FakeStreamOptions = {}) {
    this.#clock = clock;
    this.#options = options;
    this.#random = options.random ?? seededRandom(7);
    this.weather = options.weather ?? FAIR;
  }

  readonly put: PutRecords = async (records, signal) => {
    this.calls.push({ records, atMs: this.#clock.now() });
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      return await this.#serve(records, signal);
    } finally {
      this.underWay -= 1;
    }
  };

  async #serve(records: readonly StreamRecord[], signal: AbortSignal): Promise<readonly (Delivery | RecordError)[]> {
    const latencyMs = this.#options.latencyMs?.() ?? 20;
    const fails = this.#happens('callFails');
    await this.#clock.sleep(fails ? latencyMs : latencyMs / 2, signal);
    if (fails) throw code('ServiceUnavailable');
    const isLost = this.#happens('answerLost');
    const hangs = this.#happens('hangs');
    const answers = records.map((record) => this.#take(record));
    if (hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await this.#clock.sleep(latencyMs / 2, signal);
    if (isLost) throw code('ECONNRESET');
    return answers;
  }

  #take(record: StreamRecord): Delivery | RecordError {
    const shardId = this.shardOf(record.partitionKey);
    if (this.#happens('entryFailed')) return new RecordError('InternalFailure', 'Internal service failure.');
    if (this.#happens('entryThrottled') || !this.#hasRoom(shardId, record)) {
      this.throttledMs.push(this.#clock.now());
      const where = this.#options.namesShards === false ? 'a shard' : `shard ${shardId}`;
      return new RecordError('ProvisionedThroughputExceededException', `Rate exceeded for ${where} in stream fake`);
    }
    this.arrivals.push({ ...record, shardId, atMs: this.#clock.now() });
    return { shardId, sequenceNumber: String(this.arrivals.length) };
  }

  /** Shards divide the hash keys evenly. */
  shardOf(partitionKey: string): string {
    const { shards = 1 } = this.#options;
    const nth = Math.floor((Number.parseInt(hashKeyOf(partitionKey).slice(0, 8), 16) / 2 ** 32) * shards);
    return `shardId-${String(nth).padStart(12, '0')}`;
  }

  #hasRoom(shardId: string, { data, partitionKey }: StreamRecord): boolean {
    const { limits } = this.#options;
    if (limits === undefined) return true;
    const nowMs = this.#clock.now();
    const { bytesPerSecond, recordsPerSecond } = limits;
    const before = this.#buckets.get(shardId) ?? { bytes: bytesPerSecond, records: recordsPerSecond, atMs: nowMs };
    const seconds = (nowMs - before.atMs) / 1_000;
    const bucket = {
      bytes: Math.min(bytesPerSecond, before.bytes + seconds * bytesPerSecond),
      records: Math.min(recordsPerSecond, before.records + seconds * recordsPerSecond),
      atMs: nowMs,
    };
    this.#buckets.set(shardId, bucket);
    const bytes = data.length + partitionKey.length;
    if (bucket.bytes < bytes || bucket.records < 1) return false;
    bucket.bytes -= bytes;
    bucket.records -= 1;
    return true;
  }

  #happens(fault: keyof Weather): boolean {
    return this.#random() < this.weather[fault];
  }
}

/** The JSON in a record: an event, or a batch of them. */
export const jsonIn = ({ data }: StreamRecord): unknown =>
  JSON.parse((data[0] === 0x1f ? gunzipSync(data) : Buffer.from(data)).toString());

/** The events in a record, in order. */
export function eventsIn(record: StreamRecord): readonly { readonly id: string; readonly subject: string }[] {
  const json = jsonIn(record);
  return (Array.isArray(json) ? json : [json]) as { id: string; subject: string }[];
}

/** Virtual time and seeded chance for a producer. */
export const clockOf = (clock: VirtualClock, random: () => number = seededRandom(11)): Clock => ({
  now: clock.now,
  sleep: (ms, signal) => clock.sleep(ms, signal),
  random,
});

/** An entry that its shard has no room for. */
export const throttled = (): RecordError =>
  new RecordError('ProvisionedThroughputExceededException', 'Rate exceeded for shard shardId-000000000000 in stream s');
