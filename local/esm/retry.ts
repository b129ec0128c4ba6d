import type { Batch, Entry } from './batch.ts';
import { fitsInvocation } from './payload.ts';
import type { DiscardCondition } from './protocol.ts';
import type { Mapping } from './settings.ts';

/** Whether a failed batch has used up MaximumRetryAttempts: so many attempts after the first one. */
export function retriesExhausted(batch: Batch, maximumRetryAttempts: number): boolean {
  if (maximumRetryAttempts === -1) return false;
  return batch.retriesUsed >= maximumRetryAttempts;
}

/** Whether a record is older than MaximumRecordAgeInSeconds, counted from its arrival in the stream. */
export function isExpired(entry: Entry, maximumRecordAgeInSeconds: number, nowMs: number): boolean {
  if (maximumRecordAgeInSeconds === -1) return false;
  return nowMs - entry.record.arrivalMs > maximumRecordAgeInSeconds * 1_000;
}

/** Whether a record alone does not fit into an invocation: no batch size and no bisect can help it. */
export function isOversized(entry: Entry): boolean {
  return !fitsInvocation(1, entry.payloadBytes);
}

/** Records at the front of a batch that share a fate before their next attempt. */
export interface LeadingRun {
  readonly count: number;
  /** Absent: they may be invoked. */
  readonly discard?: DiscardCondition;
}

/**
 * Finds how many records at the front of a batch may be invoked together, or are to be discarded together and why.
 * Only what is expired itself is discarded, never its neighbours.
 */
export function leadingRun(batch: Batch, mapping: Mapping, nowMs: number): LeadingRun {
  const fateOf = (entry: Entry): DiscardCondition | undefined => {
    if (isExpired(entry, mapping.maximumRecordAgeInSeconds, nowMs)) return 'RecordAgeExceeded';
    return isOversized(entry) ? 'MaximumPayloadSizeExceeded' : undefined;
  };
  const [first, ...others] = batch.entries.map(fateOf);
  const change = others.findIndex((fate) => fate !== first);
  const count = change === -1 ? batch.entries.length : change + 1;
  return first === undefined ? { count } : { count, discard: first };
}

/**
 * The wait before the attempt that follows `failures` failures in a row: exponential, capped, and between half of it and all of
 * it by the injected jitter. AWS says only that Lambda retries with exponential backoff.
 */
export function backoffMs(failures: number, mapping: Pick<Mapping, 'retryBaseMs' | 'retryCapMs' | 'jitter'>): number {
  const whole = Math.min(mapping.retryCapMs, mapping.retryBaseMs * 2 ** Math.min(failures - 1, 30));
  return Math.max(1, Math.round(whole / 2 + (whole / 2) * mapping.jitter()));
}
