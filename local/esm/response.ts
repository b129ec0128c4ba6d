import type { Entry, LastResponse } from './batch.ts';
import { compareSequenceNumbers } from './sequence.ts';
import type { InvokeResult } from './types.ts';

/** What an invocation means for its batch. */
export type Judgement =
  | { readonly kind: 'succeeded' }
  /** Everything before `index` went through; all from it on is to be retried. */
  | { readonly kind: 'failed-from'; readonly index: number; readonly response: LastResponse }
  /** It threw, or its response says nothing that can be relied on. */
  | { readonly kind: 'failed'; readonly response: LastResponse }
  /** It never ran. */
  | { readonly kind: 'throttled' };

type ReportedItems = readonly string[] | 'none' | 'malformed';

/** Judges an invocation by Lambda's rules of partial batch responses for streams. */
export function judge(result: InvokeResult, entries: readonly Entry[], reportBatchItemFailures: boolean): Judgement {
  if (result.kind === 'throttled') return { kind: 'throttled' };
  if (result.kind === 'failed') {
    return { kind: 'failed', response: { requestId: result.requestId, functionError: result.functionError } };
  }
  const response = { requestId: result.requestId, functionError: null };
  const items = reportBatchItemFailures ? reportedItems(result.payload) : 'none';
  if (items === 'none') return { kind: 'succeeded' };
  if (items === 'malformed') return { kind: 'failed', response };
  const index = lowestIndex(items, entries);
  return index === -1 ? { kind: 'failed', response } : { kind: 'failed-from', index, response };
}

/**
 * Reads a response. An absent, null or empty list is a success, and so is an empty response: null, `{}`, and as recorded on AWS
 * also `""` and `[]`. Identifiers must be non-empty strings: recorded on AWS, a number, null, `""` or a wrong key fails the batch.
 */
function reportedItems(payload: unknown): ReportedItems {
  if (isEmptyResponse(payload)) return 'none';
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return 'malformed';
  const list: unknown = 'batchItemFailures' in payload ? payload.batchItemFailures : undefined;
  if (list === undefined || list === null) return 'none';
  if (!Array.isArray(list)) return 'malformed';
  const identifiers = list.map(itemIdentifier);
  if (identifiers.length === 0) return 'none';
  return identifiers.every((identifier) => identifier !== undefined) ? identifiers : 'malformed';
}

function isEmptyResponse(payload: unknown): boolean {
  return (
    payload === undefined || payload === null || payload === '' || (Array.isArray(payload) && payload.length === 0)
  );
}

function itemIdentifier(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('itemIdentifier' in item)) return undefined;
  const { itemIdentifier: identifier } = item;
  return typeof identifier === 'string' && /^\d+$/.test(identifier) ? identifier : undefined;
}

/** The place of the lowest reported record; -1 if any reported one is not in the batch. */
function lowestIndex(identifiers: readonly string[], entries: readonly Entry[]): number {
  const known = new Set(entries.map((entry) => entry.record.sequenceNumber));
  if (!identifiers.every((identifier) => known.has(identifier))) return -1;
  const lowest = lowestSequenceNumber(identifiers);
  return entries.findIndex((entry) => entry.record.sequenceNumber === lowest);
}

/** The checkpoint of a partial response: the lowest number, as an integer. */
function lowestSequenceNumber(identifiers: readonly string[]): string | undefined {
  return identifiers.reduce<string | undefined>(
    (lowest, next) => (lowest === undefined || compareSequenceNumbers(next, lowest) < 0 ? next : lowest),
    undefined,
  );
}
