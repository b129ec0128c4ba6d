import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { type Copy, claimOf, judge, REDRIVE, type RedriveMark, type Verdict } from '../../../lambdas/core/redrive.ts';
import type { Row } from '../../../lambdas/core/row.ts';

/** An event that may go back into the stream. */
export interface Candidate {
  readonly copy: Copy;
  /** Of the row that it folds into. */
  readonly key: string;
  /** Under which its marks are kept: the same for all records that hold the event. */
  readonly markId: string;
  /** As it would be sent. */
  readonly event: CloudEvent;
  readonly partitionKey: string;
}

/** What became of a put. */
export type PutOutcome =
  | { readonly kind: 'acknowledged'; readonly shard: string; readonly sequence: string }
  /** It is not in the stream. */
  | { readonly kind: 'not-put'; readonly message: string }
  /** It may be in the stream: the answer was lost, or not waited for. */
  | { readonly kind: 'in-doubt'; readonly message: string };

/** What a redrive needs of the world. Whatever fails throws. */
export interface Edges {
  /** Consistent. */
  readRow(key: string): Promise<Row | undefined>;
  /** Consistent. */
  readMark(markId: string): Promise<RedriveMark | undefined>;
  /** Writes the mark if `over` is still the one that is there. */
  writeMark(markId: string, mark: RedriveMark, over: RedriveMark | undefined): Promise<'written' | 'conflict'>;
  /** Takes a claim back: `over` is there again. Does nothing if somebody else has claimed since. */
  undoMark(markId: string, mark: RedriveMark, over: RedriveMark | undefined): Promise<void>;
  /** Puts the event into the stream. No put begins after `notAfterMs`, and each has its answer, or is given up, within REDRIVE.putMs. */
  put(candidate: Candidate, notAfterMs: number): Promise<PutOutcome>;
  /** Sends the effects of the row's last commit again, unless a checkpoint proves that they were sent. Returns how many were sent. */
  settle(row: Row): Promise<number>;
  /** Epoch milliseconds. */
  now(): number;
  token(): string;
  /** Whether arrivals are Kinesis's. */
  readonly arrivalsInOrder: boolean;
}

export type Proof = 'ids' | 'letter' | 'force';

/** What became, or in a dry run would become, of one event. */
export type Outcome =
  | {
      readonly kind: 'sent';
      /** By what it is known not to have been applied; `force` stands for nothing. */
      readonly proof: Proof;
      /** Absent in a dry run. */
      readonly shard?: string;
      readonly sequence?: string;
    }
  /** The processor has applied it. `resent`: effects of its row that had to be sent again first; absent in a dry run. */
  | { readonly kind: 'applied'; readonly resent?: number }
  | { readonly kind: 'in-stream'; readonly sequence: string }
  | { readonly kind: 'refused'; readonly code: 'unproven' | 'in-doubt' | 'claimed'; readonly sinceMs?: number }
  | { readonly kind: 'failed'; readonly message: string };

export interface EngineOptions {
  readonly dryRun: boolean;
  /** Sends what cannot be proven not to have been applied. */
  readonly force: boolean;
  /** Takes the row's ids alone for a proof, and no dead letter's word. */
  readonly strict: boolean;
}

/**
 * Redrives one event: judges it by its row and the marks of earlier redrives, claims it, puts it, and notes where it is. However it ends, and
 * whoever else does the same at the same time, the event is in the stream at most once in a way that the processor would not recognise.
 */
export async function redriveOne(candidate: Candidate, edges: Edges, options: EngineOptions): Promise<Outcome> {
  const { markId } = candidate;
  // The mark before the row: what a record of the mark has led to by then, the row shows.
  const mark = await edges.readMark(markId);
  const row = await edges.readRow(candidate.key);
  const { arrivalsInOrder } = edges;
  const verdict = judge(candidate.copy, { row, mark, nowMs: edges.now(), arrivalsInOrder });
  if (verdict.kind === 'applied') return await applied(row, edges, options);
  if (verdict.kind === 'in-stream') return verdict;
  const proof = proofOf(verdict, options);
  if (proof === 'force' && !options.force) return refusal(verdict);
  if (options.dryRun) return { kind: 'sent', proof };
  const nowMs = edges.now();
  const claim = claimOf(repeatsOf(verdict), nowMs, edges.token());
  if ((await edges.writeMark(markId, claim, mark)) === 'conflict') return { kind: 'refused', code: 'claimed' };
  const put = await edges.put(candidate, nowMs + REDRIVE.claimMs);
  if (put.kind === 'not-put') {
    await edges.undoMark(markId, claim, mark);
    return { kind: 'failed', message: put.message };
  }
  if (put.kind === 'in-doubt') return { kind: 'failed', message: put.message };
  const { shard, sequence } = put;
  // A conflict says that somebody has put it once more, in time to be recognised: that mark is the later one.
  await edges.writeMark(markId, { ...claim, sequence }, claim);
  return { kind: 'sent', proof, shard, sequence };
}

async function applied(row: Row | undefined, edges: Edges, { dryRun }: EngineOptions): Promise<Outcome> {
  if (dryRun) return { kind: 'applied' };
  return { kind: 'applied', resent: row?.outbox === undefined ? 0 : await edges.settle(row) };
}

/** Sent by force, an event in doubt stays so: the record of the earlier claim may be there as well. */
function repeatsOf(verdict: Verdict): number | undefined {
  if (verdict.kind === 'unapplied') return verdict.repeats;
  return verdict.kind === 'in-doubt' ? verdict.sinceMs : undefined;
}

const proofOf = (verdict: Verdict, { strict }: EngineOptions): Proof =>
  verdict.kind !== 'unapplied' || (strict && verdict.proof === 'letter') ? 'force' : verdict.proof;

const refusal = (verdict: Verdict): Outcome =>
  verdict.kind === 'in-doubt'
    ? { kind: 'refused', code: 'in-doubt', sinceMs: verdict.sinceMs }
    : { kind: 'refused', code: 'unproven' };

/** Whether nothing is left to do for the event, so that its message may go. */
export const isDone = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'sent' || kind === 'applied' || kind === 'in-stream';
