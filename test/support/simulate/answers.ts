import type { RawRecord } from '../../../lambdas/runtime/decode/record.ts';
import type { BatchReport } from '../../../lambdas/runtime/report.ts';
import type { InvokeResult } from '../../../local/esm/types.ts';
import { reach } from './reached.ts';
import type { StoredRecord } from './stream.ts';
import type { World } from './world.ts';

/** Counts the states that an invocation came through, by its own report. */
export function noteMilestones(reached: World['reached'], { counts, rejectedByCode }: BatchReport): void {
  reach(reached, 'version-conflict', counts.versionConflicts);
  reach(reached, 'own-write-recognised', counts.ownWritesRecognised);
  reach(reached, 'outbox-sent-again', counts.effectsResent);
  reach(reached, 'misrouted', rejectedByCode.get('event.misrouted') ?? 0);
  reach(reached, 'record-crashes', rejectedByCode.get('record.crashes') ?? 0);
  reach(reached, 'duplicate-by-position', counts.duplicateByPosition);
  reach(reached, 'duplicate-by-id', counts.duplicateById);
  reach(reached, 'broken-batch', counts.brokenBatches);
  reach(reached, 'blocked-key', counts.blockedKeys);
}

/** An invocation that ends takes the count of its attempt back; but not with its verdict, kept or not, nor if the table would not let it. */
export function hasTakenBack({ warnings, rejectedByCode, failedFrom, blocked }: BatchReport): boolean {
  const isVerdict = rejectedByCode.has('record.crashes') || (failedFrom !== undefined && blocked.length === 0);
  return !isVerdict && !warnings.some(({ code }) => code.startsWith('attempts.'));
}

/** As the handler's decoder gets it. */
export const rawRecord = ({ shardId, sequenceNumber, partitionKey, arrivalMs, data }: StoredRecord): RawRecord => ({
  shard: shardId,
  sequence: sequenceNumber,
  partitionKey,
  arrivalMs,
  data,
});

export const failed = (message: string): InvokeResult => ({
  kind: 'failed',
  requestId: 'simulated',
  functionError: 'Unhandled',
  message,
});

/** As the handler answers. */
export const returned = ({ failedFrom }: BatchReport): InvokeResult => ({
  kind: 'returned',
  requestId: 'simulated',
  payload: { batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }] },
});

/** An invocation's end, for the trace. */
export function describe({ failedFrom, blocked, warnings }: BatchReport, records: readonly StoredRecord[]): string {
  const trouble = [...blocked, ...warnings].map(({ code, message }) => `, ${code} (${message})`).join('');
  if (failedFrom === undefined) return `is done${trouble}`;
  const from = records.find(({ sequenceNumber }) => sequenceNumber === failedFrom)?.order;
  return `failed from #${from}${trouble}`;
}
