import { EngineInputError } from './errors.ts';
import type { EngineInput } from './protocol.ts';
import { backoffMs } from './retry.ts';
import type { Mapping } from './settings.ts';
import { bufferRecords, readPosition, type ShardState } from './shard.ts';
import type { Step } from './step.ts';

type ReadAnswer = Extract<EngineInput, { kind: 'records-read' }>;

/**
 * How many records may be read now; 0 is backpressure. What counts is what lies above the checkpoint: one blocked lane lets the
 * others run ahead of it by the buffer and no further.
 */
export function readRoom(shard: ShardState, mapping: Mapping): number {
  const records = mapping.bufferRecords - shard.retained.length;
  const bytes = mapping.bufferBytes - shard.retainedBytes;
  if (records <= 0 || bytes <= 0) return 0;
  return Math.min(records, mapping.readLimit, Math.max(1, Math.floor(bytes / shard.recordBytes)));
}

/** Reads a shard that is open, not being read, due and not held back by a full buffer. */
export function beginReadIfDue(step: Step, shard: ShardState): void {
  if (shard.stage !== 'open' || shard.reading || shard.nextReadMs > step.nowMs) return;
  const limit = readRoom(shard, step.mapping);
  if (limit === 0) return;
  const from = readPosition(shard);
  fixLatest(shard, step.nowMs);
  shard.reading = { issuedMs: step.nowMs, limit };
  step.emit({ kind: 'read', shardId: shard.id, from, limit });
}

/**
 * LATEST is asked for once only: from then on, a shard that had no record yet is read from the time of that read, so that neither a
 * failed read, an expired iterator nor a restart skips what arrived meanwhile.
 */
function fixLatest(shard: ShardState, nowMs: number): void {
  if (shard.start.kind === 'LATEST') shard.start = { kind: 'AT_TIMESTAMP', timestampMs: nowMs };
}

/** Takes what a read brought. A shard that is behind is read again at once, one at its tip after the polling interval. */
export function endRead(step: Step, shard: ShardState, answer: ReadAnswer): void {
  const read = takeReading(shard);
  const behind = answer.millisBehindLatest > 0 || answer.records.length >= read.limit;
  bufferRecords(shard, answer.records, step.nowMs);
  step.count('PolledEventCount', answer.records.length);
  shard.readFailures = 0;
  shard.millisBehindLatest = answer.millisBehindLatest;
  shard.nextReadMs = behind ? step.nowMs : step.nowMs + step.mapping.pollIntervalMs;
  shard.tipMs = answer.records.length === 0 && !behind ? read.issuedMs : undefined;
  if (answer.exhausted) shard.stage = 'exhausted';
}

export function failRead(step: Step, shard: ShardState): void {
  takeReading(shard);
  shard.readFailures += 1;
  shard.nextReadMs = step.nowMs + backoffMs(shard.readFailures, step.mapping);
}

function takeReading(shard: ShardState): NonNullable<ShardState['reading']> {
  const { reading } = shard;
  if (!reading) throw new EngineInputError('an answer to a read that is not under way', { shard: shard.id });
  shard.reading = undefined;
  return reading;
}

/** When the shard is to be read next; infinity if it is being read, held back, or not to be read. */
export function readWakeMs(shard: ShardState, mapping: Mapping): number {
  const canRead = shard.stage === 'open' && !shard.reading && readRoom(shard, mapping) > 0;
  return canRead ? shard.nextReadMs : Number.POSITIVE_INFINITY;
}
