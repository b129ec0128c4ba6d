import { type Batch, halvesOf, remainderFrom, withRetryUsed } from './batch.ts';
import type { Judgement } from './response.ts';
import { retriesExhausted } from './retry.ts';
import type { Mapping } from './settings.ts';

export type FailureJudgement = Extract<Judgement, { kind: 'failed' | 'failed-from' }>;

/** What follows a failed invocation. */
export type Recovery =
  /** So many records went through; the rest is tried again, after a backoff. */
  | { readonly kind: 'progress'; readonly finished: number; readonly remainder: Batch }
  /** Each half is tried on its own, at once, the first one first. */
  | { readonly kind: 'halves'; readonly first: Batch; readonly second: Batch }
  /** The same records are tried again, after a backoff. */
  | { readonly kind: 'retry'; readonly batch: Batch }
  | { readonly kind: 'exhausted' };

/**
 * Decides by the first rule that applies: progress leaves a remainder, a failure as a whole bisects, and else it is a retry until the
 * quota ends. A partial response that names the batch's first record is a retry even when bisecting: AWS splits at the returned
 * number and retries what is left, and that is the same batch.
 */
export function recoveryOf(batch: Batch, judgement: FailureJudgement, mapping: Mapping): Recovery {
  if (judgement.kind === 'failed-from' && judgement.index > 0) {
    return { kind: 'progress', finished: judgement.index, remainder: remainderFrom(batch, judgement.index) };
  }
  if (isBisected(batch, judgement, mapping)) {
    const [first, second] = halvesOf(batch);
    return { kind: 'halves', first, second };
  }
  if (retriesExhausted(batch, mapping.maximumRetryAttempts)) return { kind: 'exhausted' };
  return { kind: 'retry', batch: withRetryUsed(batch) };
}

function isBisected(batch: Batch, judgement: FailureJudgement, mapping: Mapping): boolean {
  return mapping.bisectBatchOnFunctionError && judgement.kind === 'failed' && batch.entries.length > 1;
}
