import type { Entry } from './batch.ts';
import { EngineInputError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { enqueue, type Lane, laneIndexOf, newLane } from './lane.ts';
import { payloadMeter } from './payload.ts';
import type { ReadPosition, ShardCheckpoint, ShardStatus } from './protocol.ts';
import { compareSequenceNumbers } from './sequence.ts';
import type { Mapping } from './settings.ts';
import type { Shard, StreamRecord } from './types.ts';

/** Guess of a record's size before the first read of a shard. */
const ASSUMED_RECORD_BYTES = 10_240;

/** One shard in an engine's hands. */
export interface ShardState {
  readonly id: string;
  readonly parentIds: readonly string[];
  readonly lanes: readonly Lane[];
  readonly meter: (record: StreamRecord) => number;
  stage: ShardStatus['stage'];
  /** Where the shard is read from as long as nothing of it was read. */
  start: ReadPosition;
  lastRead: string | undefined;
  checkpoint: string | undefined;
  /** Records above the checkpoint, in order, the finished ones among them included. */
  readonly retained: Fifo<Entry>;
  retainedBytes: number;
  unfinished: number;
  /** Issue time and limit of the read under way. */
  reading: { readonly issuedMs: number; readonly limit: number } | undefined;
  nextReadMs: number;
  readFailures: number;
  recordBytes: number;
  millisBehindLatest: number | undefined;
  /** Issue time of the last read, if that found the shard's tip and no records. */
  tipMs: number | undefined;
}

export function newShard(shard: Shard, position: ShardCheckpoint['position'], mapping: Mapping): ShardState {
  return {
    id: shard.shardId,
    parentIds: shard.parentShardIds,
    lanes: Array.from({ length: mapping.parallelizationFactor }, newLane),
    meter: payloadMeter(mapping, shard.shardId),
    stage: position.kind === 'DONE' ? 'done' : 'waiting-for-parents',
    start: position.kind === 'DONE' ? { kind: 'TRIM_HORIZON' } : position,
    lastRead: undefined,
    checkpoint: position.kind === 'AFTER_SEQUENCE_NUMBER' ? position.sequenceNumber : undefined,
    retained: new Fifo(),
    retainedBytes: 0,
    unfinished: 0,
    reading: undefined,
    nextReadMs: Number.NEGATIVE_INFINITY,
    readFailures: 0,
    recordBytes: ASSUMED_RECORD_BYTES,
    millisBehindLatest: undefined,
    tipMs: undefined,
  };
}

/** Puts records that were read into the buffer and each into its lane. */
export function bufferRecords(shard: ShardState, records: readonly StreamRecord[], nowMs: number): void {
  let bytes = 0;
  for (const record of records) {
    checkOrder(shard, record);
    shard.lastRead = record.sequenceNumber;
    const entry: Entry = { record, payloadBytes: shard.meter(record), readMs: nowMs, finished: false };
    bytes += entry.payloadBytes;
    shard.retained.push(entry);
    const lane = shard.lanes[laneIndexOf(record.partitionKey, shard.lanes.length)];
    if (lane) enqueue(lane, entry);
  }
  shard.unfinished += records.length;
  shard.retainedBytes += bytes;
  if (records.length > 0) shard.recordBytes = bytes / records.length;
}

function checkOrder(shard: ShardState, record: StreamRecord): void {
  const position = readPosition(shard);
  if (position.kind !== 'AFTER_SEQUENCE_NUMBER') return;
  if (compareSequenceNumbers(record.sequenceNumber, position.sequenceNumber) > 0) return;
  throw new EngineInputError('records must be read in sequence order, each once', {
    shard: shard.id,
    read: record.sequenceNumber,
    after: position.sequenceNumber,
  });
}

/** Where the next read begins. */
export function readPosition(shard: ShardState): ReadPosition {
  return shard.lastRead === undefined ? shard.start : after(shard.lastRead);
}

function after(sequenceNumber: string): ReadPosition {
  return { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
}

/** Marks records as processed or discarded, and moves the checkpoint up to the lowest unfinished one. */
export function finishEntries(shard: ShardState, entries: readonly Entry[]): void {
  for (const entry of entries) entry.finished = true;
  shard.unfinished -= entries.length;
  for (let lowest = shard.retained.peek(); lowest?.finished; lowest = shard.retained.peek()) {
    shard.retained.shift();
    shard.retainedBytes -= lowest.payloadBytes;
    shard.checkpoint = lowest.record.sequenceNumber;
  }
}

/** Whether all of a shard that was read to its end is processed: only then may its children begin. */
export function isProcessed(shard: ShardState): boolean {
  return shard.stage === 'exhausted' && shard.unfinished === 0;
}

/** Whether all of a shard up to its tip is processed, as a read that began after that time has shown. */
export function isShardDrained(shard: ShardState, sinceMs: number): boolean {
  if (shard.stage === 'done') return true;
  return shard.stage === 'open' && shard.unfinished === 0 && shard.tipMs !== undefined && shard.tipMs > sinceMs;
}

/** Where a restarted engine goes on with a shard: above the checkpoint, never above what was merely read. */
export function checkpointOf(shard: ShardState): ShardCheckpoint {
  if (shard.stage === 'done') return { shardId: shard.id, position: { kind: 'DONE' } };
  return { shardId: shard.id, position: shard.checkpoint === undefined ? shard.start : after(shard.checkpoint) };
}

export function statusOf(shard: ShardState): ShardStatus {
  return {
    shardId: shard.id,
    stage: shard.stage,
    buffered: shard.unfinished,
    inFlight: shard.lanes.filter((lane) => lane.phase.kind === 'invoking').length,
    ...(shard.checkpoint !== undefined && { checkpoint: shard.checkpoint }),
    ...(shard.millisBehindLatest !== undefined && { millisBehindLatest: shard.millisBehindLatest }),
  };
}
