import type { StreamRecord } from './types.ts';

/** A record in an engine's hands. */
export interface Entry {
  readonly record: StreamRecord;
  /** Bytes of its part of an invoke event. */
  readonly payloadBytes: number;
  /** When the engine got it, epoch milliseconds. */
  readonly readMs: number;
  /** Processed or discarded. */
  finished: boolean;
}

/** The last response that a batch had. */
export interface LastResponse {
  readonly requestId: string;
  /** null: the function returned, and reported failed items. */
  readonly functionError: 'Unhandled' | null;
}

/** Records of one lane, in order, that are invoked together. Never empty. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly retriesUsed: number;
  readonly invokeCount: number;
  readonly lastResponse?: LastResponse;
}

/** A batch that was never invoked. */
export function newBatch(entries: readonly Entry[]): Batch {
  return { entries, retriesUsed: 0, invokeCount: 0 };
}

/** Cuts a batch in two without a failure being the reason: both parts keep what the batch has behind it. */
export function cutAt(batch: Batch, index: number): [Batch, Batch] {
  return [
    { ...batch, entries: batch.entries.slice(0, index) },
    { ...batch, entries: batch.entries.slice(index) },
  ];
}

/**
 * Bisects a failed batch of two or more. Splitting does not consume the retry quota (AWS's page on error handling), and each half
 * is a batch of its own, with retries of its own.
 */
export function halvesOf(batch: Batch): [Batch, Batch] {
  const middle = Math.ceil(batch.entries.length / 2);
  return [newBatch(batch.entries.slice(0, middle)), newBatch(batch.entries.slice(middle))];
}

/**
 * What is left of a batch whose first `index` records went through. It starts afresh: on AWS, a batch of three whose last record
 * failed was followed by four invocations of that record under MaximumRetryAttempts 3, and the document said
 * approximateInvokeCount 4. The documentation lets one expect that the first, partly successful invocation counts too.
 */
export function remainderFrom(batch: Batch, index: number): Batch {
  return newBatch(batch.entries.slice(index));
}

/** A batch before its next attempt after a failure that counts against MaximumRetryAttempts. */
export function withRetryUsed(batch: Batch): Batch {
  return { ...batch, retriesUsed: batch.retriesUsed + 1 };
}

/** A batch after an invocation that ran. */
export function withResponse(batch: Batch, lastResponse: LastResponse): Batch {
  return { ...batch, invokeCount: batch.invokeCount + 1, lastResponse };
}
