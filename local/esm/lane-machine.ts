import { type Batch, cutAt, type Entry, withResponse } from './batch.ts';
import { type Discard, IDLE, isBatchDue, type Lane, type LanePhase, takeBatch } from './lane.ts';
import { onFailureDocument } from './on-failure.ts';
import type { DiscardCondition } from './protocol.ts';
import { type FailureJudgement, recoveryOf } from './recovery.ts';
import { judge } from './response.ts';
import { backoffMs, leadingRun } from './retry.ts';
import { finishEntries, type ShardState } from './shard.ts';
import type { Step } from './step.ts';
import type { InvokeResult } from './types.ts';

/** Carries a lane as far as it can go without an answer from outside. */
export function advanceLane(step: Step, shard: ShardState, lane: Lane): void {
  while (!isWaiting(lane.phase, step.nowMs)) {
    if (lane.phase.kind === 'delivery-backing-off') {
      deliver(step, shard, lane, lane.phase.discard);
      continue;
    }
    const batch = nextBatch(step, lane);
    if (batch === undefined) return;
    attempt(step, shard, lane, batch);
  }
}

function isWaiting(phase: LanePhase, nowMs: number): boolean {
  return 'untilMs' in phase ? phase.untilMs > nowMs : phase.kind !== 'idle';
}

/** What a lane does next: its own retry, then the parts of a split batch in order, and only then what came after them. */
function nextBatch(step: Step, lane: Lane): Batch | undefined {
  if (lane.phase.kind === 'backing-off') return lane.phase.batch;
  const pending = lane.pending.pop();
  if (pending) return pending;
  return isBatchDue(lane, step.mapping, step.nowMs) ? takeBatch(lane, step.mapping) : undefined;
}

function attempt(step: Step, shard: ShardState, lane: Lane, batch: Batch): void {
  const run = leadingRun(batch, step.mapping, step.nowMs);
  let head = batch;
  if (run.count < batch.entries.length) {
    const [first, rest] = cutAt(batch, run.count);
    lane.pending.push(rest);
    head = first;
  }
  if (run.discard) discard(step, shard, lane, head, run.discard);
  else invoke(step, shard, lane, head);
}

function invoke(step: Step, shard: ShardState, lane: Lane, batch: Batch): void {
  const records = batch.entries.map((entry) => entry.record);
  const batchId = step.inFlight.begin(shard, lane);
  lane.phase = { kind: 'invoking', batch };
  step.emit({ kind: 'invoke', batchId, shardId: shard.id, records });
  step.count('InvokedEventCount', records.length);
  step.count('IteratorAge', Math.max(0, step.nowMs - (records.at(-1)?.arrivalMs ?? step.nowMs)));
}

/** Takes the answer to an invocation. */
export function settleInvocation(step: Step, shard: ShardState, lane: Lane, result: InvokeResult): void {
  if (lane.phase.kind !== 'invoking') throw new TypeError(`a lane of ${shard.id} that invokes nothing got a result`);
  const { batch } = lane.phase;
  const judgement = judge(result, batch.entries, step.mapping.reportBatchItemFailures);
  lane.phase = IDLE;
  if (judgement.kind === 'succeeded') {
    succeed(shard, lane, batch.entries);
    return;
  }
  step.count('FailedInvokeEventCount', batch.entries.length - (judgement.kind === 'failed-from' ? judgement.index : 0));
  if (judgement.kind === 'throttled') backOff(step, lane, batch);
  else recover(step, shard, lane, withResponse(batch, judgement.response), judgement);
}

function succeed(shard: ShardState, lane: Lane, entries: readonly Entry[]): void {
  lane.failures = 0;
  finishEntries(shard, entries);
}

function recover(step: Step, shard: ShardState, lane: Lane, batch: Batch, judgement: FailureJudgement): void {
  const recovery = recoveryOf(batch, judgement, step.mapping);
  switch (recovery.kind) {
    case 'progress':
      succeed(shard, lane, batch.entries.slice(0, recovery.finished));
      backOff(step, lane, recovery.remainder);
      break;
    case 'halves':
      lane.pending.push(recovery.second, recovery.first);
      break;
    case 'retry':
      backOff(step, lane, recovery.batch);
      break;
    case 'exhausted':
      discard(step, shard, lane, batch, 'RetryAttemptsExhausted');
  }
}

function backOff(step: Step, lane: Lane, batch: Batch): void {
  lane.failures += 1;
  lane.phase = { kind: 'backing-off', batch, untilMs: step.nowMs + backoffMs(lane.failures, step.mapping) };
}

/** Gives records up: to the on-failure destination, or counted if there is none. */
function discard(step: Step, shard: ShardState, lane: Lane, batch: Batch, condition: DiscardCondition): void {
  lane.failures = 0;
  lane.phase = IDLE;
  if (step.mapping.onFailureArn === undefined) {
    step.count('DroppedEventCount', batch.entries.length);
    finishEntries(shard, batch.entries);
    return;
  }
  const fallbackRequestId = step.inFlight.newRequestId();
  const document = onFailureDocument(
    { batch, shardId: shard.id, condition, fallbackRequestId },
    step.mapping,
    step.nowMs,
  );
  deliver(step, shard, lane, { batch, document, failures: 0 });
}

function deliver(step: Step, shard: ShardState, lane: Lane, unsent: Discard): void {
  lane.phase = { kind: 'delivering', discard: unsent };
  const deliveryId = step.inFlight.begin(shard, lane);
  step.emit({ kind: 'deliver', deliveryId, shardId: shard.id, document: unsent.document });
}

/** Takes the answer to a delivery. A refused one is tried again, and the lane waits: nothing is lost on the way. */
export function settleDelivery(step: Step, shard: ShardState, lane: Lane, accepted: boolean): void {
  if (lane.phase.kind !== 'delivering')
    throw new TypeError(`a lane of ${shard.id} that delivers nothing got an answer`);
  const { discard: sent } = lane.phase;
  if (accepted) {
    step.count('OnFailureDestinationDeliveredEventCount', sent.batch.entries.length);
    finishEntries(shard, sent.batch.entries);
    lane.phase = IDLE;
    return;
  }
  const unsent = { ...sent, failures: sent.failures + 1 };
  const untilMs = step.nowMs + backoffMs(unsent.failures, step.mapping);
  lane.phase = { kind: 'delivery-backing-off', discard: unsent, untilMs };
}
