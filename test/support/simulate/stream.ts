import { hash } from 'node:crypto';
import type { ReadResult } from '../../../local/esm/ports.ts';
import type { ReadPosition } from '../../../local/esm/protocol.ts';
import { compareSequenceNumbers } from '../../../local/esm/sequence.ts';
import type { Shard, StreamRecord } from '../../../local/esm/types.ts';

/** A record that the stream took. */
export interface StoredRecord extends StreamRecord {
  readonly shardId: string;
  /** Its place among all records of the stream: how they were accepted. */
  readonly order: number;
}

/** A shard with its part of the hash space. */
export interface SimulatedShard extends Shard {
  readonly number: number;
  /** The first hash key that is its own, and the first that is no more. */
  readonly fromHash: bigint;
  readonly toHash: bigint;
  readonly createdS: number;
  readonly records: StoredRecord[];
  closed: boolean;
}

const HASH_SPACE = 2n ** 128n;

/** A Kinesis stream: hash ranges by MD5 of the partition key, splits and merges, sequence numbers as Kinesis makes them. */
export class SimulatedStream {
  readonly name: string;
  readonly records: StoredRecord[] = [];
  readonly #bySequence = new Map<string, StoredRecord>();
  readonly #shards: SimulatedShard[] = [];
  readonly #byId = new Map<string, SimulatedShard>();
  /** Called when a shard has something new: a record, or its end. */
  onChange: (shardId: string) => void = () => undefined;

  constructor(name: string, shards: number, nowMs: number) {
    this.name = name;
    for (let n = 0; n < shards; n++) {
      this.#open((HASH_SPACE * BigInt(n)) / BigInt(shards), (HASH_SPACE * BigInt(n + 1)) / BigInt(shards), [], nowMs);
    }
  }

  get openShards(): readonly SimulatedShard[] {
    return this.#shards.filter((shard) => !shard.closed);
  }

  listShards(): readonly SimulatedShard[] {
    return this.#shards;
  }

  shard(id: string): SimulatedShard {
    const shard = this.#byId.get(id);
    if (shard === undefined) throw new Error(`Stream ${this.name} has no shard ${id}`);
    return shard;
  }

  record(sequenceNumber: string): StoredRecord {
    const record = this.#bySequence.get(sequenceNumber);
    if (record === undefined) throw new Error(`Stream ${this.name} has no record ${sequenceNumber}`);
    return record;
  }

  put(partitionKey: string, data: Uint8Array, nowMs: number): StoredRecord {
    const hashKey = hashKeyOf(partitionKey);
    const shard = this.#shards.find(
      ({ closed, fromHash, toHash }) => !closed && fromHash <= hashKey && hashKey < toHash,
    );
    if (shard === undefined) throw new Error(`No open shard of ${this.name} has the hash of ${partitionKey}`);
    const record: StoredRecord = {
      sequenceNumber: sequenceNumber(shard, shard.records.length, nowMs),
      partitionKey,
      arrivalMs: Math.floor(nowMs),
      data,
      shardId: shard.shardId,
      order: this.records.length,
    };
    shard.records.push(record);
    this.records.push(record);
    this.#bySequence.set(record.sequenceNumber, record);
    this.onChange(shard.shardId);
    return record;
  }

  /** Splits a shard at a share of its hash range. @returns its children. */
  split(shard: SimulatedShard, share: number, nowMs: number): readonly SimulatedShard[] {
    const range = shard.toHash - shard.fromHash;
    const middle = shard.fromHash + (range * BigInt(Math.round(share * 1_000))) / 1_000n;
    this.#close(shard);
    const parents = [shard.shardId];
    return [this.#open(shard.fromHash, middle, parents, nowMs), this.#open(middle, shard.toHash, parents, nowMs)];
  }

  /** Merges two neighbours. @returns their child. */
  merge(lower: SimulatedShard, upper: SimulatedShard, nowMs: number): SimulatedShard {
    this.#close(lower);
    this.#close(upper);
    return this.#open(lower.fromHash, upper.toHash, [lower.shardId, upper.shardId], nowMs);
  }

  read(shardId: string, from: ReadPosition, limit: number, nowMs: number): ReadResult {
    const shard = this.shard(shardId);
    const first = from.kind === 'AFTER_SEQUENCE_NUMBER' ? firstAfter(shard.records, from.sequenceNumber) : 0;
    const records = shard.records.slice(first, first + limit);
    const next = shard.records[first + records.length];
    return {
      records,
      millisBehindLatest: next === undefined ? 0 : Math.max(1, Math.floor(nowMs - next.arrivalMs)),
      exhausted: shard.closed && next === undefined,
    };
  }

  #close(shard: SimulatedShard): void {
    shard.closed = true;
    this.onChange(shard.shardId);
  }

  #open(fromHash: bigint, toHash: bigint, parentShardIds: readonly string[], nowMs: number): SimulatedShard {
    const number = this.#shards.length;
    // Its numbers begin with the second of its creation: above its parents' by that alone.
    const parents = parentShardIds.map((id) => this.shard(id).createdS);
    const createdS = Math.max(Math.floor(nowMs / 1_000), ...parents.map((second) => second + 1));
    const shardId = `shardId-${String(number).padStart(12, '0')}`;
    const shard = { shardId, number, parentShardIds, fromHash, toHash, createdS, records: [], closed: false };
    this.#shards.push(shard);
    this.#byId.set(shardId, shard);
    return shard;
  }
}

/** The index of the first record above a sequence number, by bisection. */
function firstAfter(records: readonly StoredRecord[], sequence: string): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const record = records[middle];
    if (record !== undefined && compareSequenceNumbers(record.sequenceNumber, sequence) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The layout that Kinesis's numbers have (undocumented), in hex digits: 2, the shard's creation in seconds (9), its number's last digit, a
 * counter (16), 00, the record's second (9), the shard's number (8), 2. In decimal 56 digits.
 */
function sequenceNumber(shard: SimulatedShard, count: number, nowMs: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const parts = [
    hex(shard.createdS, 9),
    hex(shard.number & 0xf, 1),
    hex(count, 16),
    '00',
    hex(Math.floor(nowMs / 1_000), 9),
    hex(shard.number, 8),
  ];
  return BigInt(`0x2${parts.join('')}2`).toString();
}

const hashKeys = new Map<string, bigint>();

/** MD5 of the partition key, as a number of 128 bits. */
function hashKeyOf(partitionKey: string): bigint {
  let hashKey = hashKeys.get(partitionKey);
  if (hashKey === undefined) {
    hashKey = BigInt(`0x${hash('md5', partitionKey, 'hex')}`);
    hashKeys.set(partitionKey, hashKey);
  }
  return hashKey;
}
