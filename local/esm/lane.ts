import { type Batch, type Entry, newBatch } from './batch.ts';
import { Fifo } from './fifo.ts';
import { fitsInvocation } from './payload.ts';
import type { OnFailureDocument } from './protocol.ts';
import type { Mapping } from './settings.ts';

/** A batch on its way to the on-failure destination. */
export interface Discard {
  readonly batch: Batch;
  readonly document: OnFailureDocument;
  /** Deliveries that failed. */
  readonly failures: number;
}

/** What a lane is at. Only one batch of a lane is ever under way: that is what keeps a partition key in order. */
export type LanePhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'invoking'; readonly batch: Batch }
  | { readonly kind: 'backing-off'; readonly batch: Batch; readonly untilMs: number }
  | { readonly kind: 'delivering'; readonly discard: Discard }
  | { readonly kind: 'delivery-backing-off'; readonly discard: Discard; readonly untilMs: number };

/** One of the parallelizationFactor sequences of batches of a shard. */
export interface Lane {
  /** Records read, not yet in a batch. */
  readonly queue: Fifo<Entry>;
  queuedBytes: number;
  /** Parts of batches that were split, the next one last. They come before anything queued. */
  readonly pending: Batch[];
  phase: LanePhase;
  /** Invocations that failed or were throttled in a row; the backoff grows with them. */
  failures: number;
}

export const IDLE: LanePhase = { kind: 'idle' };

export function newLane(): Lane {
  return { queue: new Fifo(), queuedBytes: 0, pending: [], phase: IDLE, failures: 0 };
}

/** The lane of a partition key: always the same one, by a 32-bit FNV-1a hash, so that a key's records stay in order. */
export function laneIndexOf(partitionKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index += 1) {
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % lanes;
}

export function enqueue(lane: Lane, entry: Entry): void {
  lane.queue.push(entry);
  lane.queuedBytes += entry.payloadBytes;
}

/** When the batching window of what is queued ends: counted from its first record. Absent without records. */
export function windowEndMs(lane: Lane, mapping: Mapping): number | undefined {
  const first = lane.queue.peek();
  return first && first.readMs + mapping.maximumBatchingWindowInSeconds * 1_000;
}

/** Whether a batch is to be made: it is full by count, full by payload, or its window has ended. */
export function isBatchDue(lane: Lane, mapping: Mapping, nowMs: number): boolean {
  const endMs = windowEndMs(lane, mapping);
  if (endMs === undefined) return false;
  if (lane.queue.length >= mapping.batchSize) return true;
  return !fitsInvocation(lane.queue.length, lane.queuedBytes) || endMs <= nowMs;
}

/** Takes what fits into one batch. An oversized record comes alone. */
export function takeBatch(lane: Lane, mapping: Mapping): Batch {
  const entries: Entry[] = [];
  let bytes = 0;
  for (let next = lane.queue.peek(); next !== undefined; next = lane.queue.peek()) {
    if (entries.length === mapping.batchSize) break;
    if (entries.length > 0 && !fitsInvocation(entries.length + 1, bytes + next.payloadBytes)) break;
    lane.queue.shift();
    entries.push(next);
    bytes += next.payloadBytes;
  }
  lane.queuedBytes -= bytes;
  return newBatch(entries);
}

/** When the lane can go on by itself; infinity if it waits for an answer or has nothing to do. */
export function laneWakeMs(lane: Lane, mapping: Mapping): number {
  if ('untilMs' in lane.phase) return lane.phase.untilMs;
  return (lane.phase.kind === 'idle' ? windowEndMs(lane, mapping) : undefined) ?? Number.POSITIVE_INFINITY;
}
