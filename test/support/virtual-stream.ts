import type { ReadResult } from '../../local/esm/ports.ts';
import type { ReadPosition } from '../../local/esm/protocol.ts';
import { compareSequenceNumbers } from '../../local/esm/sequence.ts';
import type { Shard, StreamRecord } from '../../local/esm/types.ts';

interface VirtualShard {
  readonly shardId: string;
  readonly parentShardIds: readonly string[];
  readonly records: StreamRecord[];
  closed: boolean;
}

export interface PutOptions {
  readonly data?: Uint8Array | string;
  readonly arrivalMs?: number;
  readonly sequenceNumber?: string;
}

/** A Kinesis stream in memory, at the times that its user says. */
export class VirtualStream {
  readonly #shards = new Map<string, VirtualShard>();
  #puts = 0;

  constructor(shards = 1) {
    for (let index = 0; index < shards; index += 1) this.#open([]);
  }

  #open(parentShardIds: readonly string[]): string {
    const shardId = `shardId-${String(this.#shards.size).padStart(12, '0')}`;
    this.#shards.set(shardId, { shardId, parentShardIds, records: [], closed: false });
    return shardId;
  }

  #shard(shardId: string): VirtualShard {
    const shard = this.#shards.get(shardId);
    if (!shard) throw new Error(`the virtual stream has no shard ${shardId}`);
    return shard;
  }

  get openShards(): readonly string[] {
    return [...this.#shards.values()].filter((shard) => !shard.closed).map((shard) => shard.shardId);
  }

  /** Adds a record at `nowMs`; its sequence number is of real length and above all earlier ones. */
  put(shardId: string, partitionKey: string, nowMs: number, options: PutOptions = {}): StreamRecord {
    const shard = this.#shard(shardId);
    if (shard.closed) throw new Error(`${shardId} is closed`);
    this.#puts += 1;
    const record: StreamRecord = {
      partitionKey,
      sequenceNumber: options.sequenceNumber ?? (49_590_000_000_000_000n * 10n ** 40n + BigInt(this.#puts)).toString(),
      arrivalMs: options.arrivalMs ?? nowMs,
      data: typeof options.data === 'string' ? Buffer.from(options.data) : (options.data ?? Buffer.from('{}')),
    };
    shard.records.push(record);
    return record;
  }

  /** Closes a shard. @returns its two children. */
  split(shardId: string): readonly [string, string] {
    this.#shard(shardId).closed = true;
    return [this.#open([shardId]), this.#open([shardId])];
  }

  /** Closes two shards. @returns their child. */
  merge(first: string, second: string): string {
    this.#shard(first).closed = true;
    this.#shard(second).closed = true;
    return this.#open([first, second]);
  }

  /** Retention has passed: the shard is gone from the list. */
  trim(shardId: string): void {
    this.#shards.delete(shardId);
  }

  listShards(): readonly Shard[] {
    return [...this.#shards.values()].map(({ shardId, parentShardIds }) => ({ shardId, parentShardIds }));
  }

  recordsOf(shardId: string): readonly StreamRecord[] {
    return this.#shard(shardId).records;
  }

  read(shardId: string, from: ReadPosition, limit: number, nowMs: number): ReadResult {
    const shard = this.#shard(shardId);
    const first = shard.records.findIndex((record) => isFrom(record, from));
    const start = from.kind === 'LATEST' || first === -1 ? shard.records.length : first;
    const records = shard.records.slice(start, start + limit);
    const next = shard.records[start + records.length];
    return {
      records,
      millisBehindLatest: next ? Math.max(1, nowMs - next.arrivalMs) : 0,
      exhausted: shard.closed && next === undefined,
    };
  }
}

function isFrom(record: StreamRecord, from: ReadPosition): boolean {
  switch (from.kind) {
    case 'TRIM_HORIZON':
      return true;
    case 'LATEST':
      return false;
    case 'AT_TIMESTAMP':
      return record.arrivalMs >= from.timestampMs;
    case 'AFTER_SEQUENCE_NUMBER':
      return compareSequenceNumbers(record.sequenceNumber, from.sequenceNumber) > 0;
  }
}
