import { hashesOf, IDS, type IdHash, type Ids } from './ids.ts';
import type { Row } from './row.ts';

/**
 * What is known of an event that waits in a queue, and what may be done with it. Pure.
 *
 * Nothing ties a record in the stream to a message in a queue, so each redrive of an event leaves a mark: a claim before its record is
 * put, and where the record is once the stream has acknowledged it. docs/decisions/redrive-marks.md says why.
 */
export interface RedriveMark {
  /** Random, of the latest claim: whoever changes the mark changes the one that it has read. */
  readonly token: string;
  /** Epoch milliseconds of the earliest claim whose record may be in the stream. */
  readonly firstMs: number;
  /** Epoch milliseconds of the latest one; the same as of the earliest, if and only if there is no other. */
  readonly lastMs: number;
  /** Sequence number of the latest claim's record. Absent: whether it is in the stream is not known. */
  readonly sequence?: string;
}

export const REDRIVE = {
  /** A record may be put for so long after its claim, and then no more. */
  claimMs: 60_000,
  /** A put that was begun is answered, or given up, within this time. */
  putMs: 15_000,
  /**
   * For so long after the first claim a record may be put once more, though one may be there already: together with the two times above it
   * is less than the window for which rows keep ids, so that the second is recognised by its id.
   */
  repeatMs: 180_000,
} as const;

/** An event as a message holds it. */
export interface Copy {
  /**
   * The processor did not apply a rejected one from its record, unless other code got the record afterwards
   * (docs/decisions/runtime-rejections.md). Of a discarded one nothing is known.
   */
  readonly fate: 'rejected' | 'discarded';
  readonly idHash: IdHash;
  /** Of its record. */
  readonly sequence: string;
  /** As the row counts it, epoch milliseconds. */
  readonly arrivalMs: number;
}

export type Verdict =
  /** The row knows its id. */
  | { readonly kind: 'applied' }
  /**
   * It was not applied, and may be sent. `proof` says by what that is known: the row's ids, or nothing but the letter, where the ids do not
   * reach back. `repeats` is the time of the first of the claims whose records may be under way; absent, if there is none.
   */
  | { readonly kind: 'unapplied'; readonly proof: 'ids' | 'letter'; readonly repeats?: number }
  /**
   * An earlier redrive has put it into the stream, as another record than the one that this copy is of. Which of the numbers is higher says
   * nothing: a misrouted event goes back to another shard, and numbers begin with the time at which their shard was made.
   */
  | { readonly kind: 'in-stream'; readonly sequence: string }
  /** The row's ids do not reach back to it. */
  | { readonly kind: 'unproven' }
  /** An earlier redrive may have put it into the stream, or not. */
  | { readonly kind: 'in-doubt'; readonly sinceMs: number };

/** What the verdict follows from. */
export interface Evidence {
  /** Read consistently. */
  readonly row: Row | undefined;
  /** Read consistently. */
  readonly mark: RedriveMark | undefined;
  readonly nowMs: number;
  /** Whether arrivals are Kinesis's. In replay mode they are the producer's, whose order says nothing. */
  readonly arrivalsInOrder: boolean;
}

/** Positions are no evidence: a row passes those of events that it never applied. */
export function judge(copy: Copy, { row, mark, nowMs, arrivalsInOrder }: Evidence): Verdict {
  if (row !== undefined && hashesOf(row.ids).has(copy.idHash)) return { kind: 'applied' };
  const unapplied = (repeats?: number): Verdict => {
    const of = repeats === undefined ? {} : { repeats };
    if (reachesBack(row, copy.arrivalMs - IDS.windowMs, arrivalsInOrder))
      return { kind: 'unapplied', proof: 'ids', ...of };
    return copy.fate === 'rejected' ? { kind: 'unapplied', proof: 'letter', ...of } : { kind: 'unproven' };
  };
  if (mark === undefined) return unapplied();
  if (mark.sequence !== undefined) {
    if (mark.sequence !== copy.sequence) return { kind: 'in-stream', sequence: mark.sequence };
    // This is the very record of the mark, and the only one unless an earlier claim was left in doubt.
    if (mark.firstMs === mark.lastMs) return unapplied();
  }
  if (isPassed(row, mark, arrivalsInOrder)) return unapplied();
  const mayRepeat =
    nowMs >= mark.firstMs &&
    nowMs - mark.firstMs <= REDRIVE.repeatMs &&
    reachesBack(row, mark.firstMs - CLOCKS_MS, arrivalsInOrder);
  return mayRepeat ? unapplied(mark.firstMs) : { kind: 'in-doubt', sinceMs: mark.firstMs };
}

/**
 * Whether every id applied from a record that arrived at `sinceMs` or later is still among the row's. Ids go oldest first, in the order of
 * application, which is the order of arrival; and none goes while there are fewer than the least number that is kept. The minute that is
 * kept with an id is that of its arrival or a later one.
 */
export function reachesBack(row: Row | undefined, sinceMs: number, arrivalsInOrder: boolean): boolean {
  if (row === undefined || sizeOf(row.ids) < IDS.least) return true;
  const [oldest] = row.ids;
  return arrivalsInOrder && oldest !== undefined && (oldest.minute + 1) * 60_000 <= sinceMs;
}

/**
 * Whether the key has passed all records that the mark's claims can have put. It does not know their id, and would still: none of them is
 * in the stream.
 */
function isPassed(row: Row | undefined, { firstMs, lastMs }: RedriveMark, arrivalsInOrder: boolean): boolean {
  if (row === undefined || !arrivalsInOrder) return false;
  const latestPut = lastMs + REDRIVE.claimMs + REDRIVE.putMs;
  const passed = Object.values(row.marks).some(({ arrival }) => arrival * 1000 > latestPut + CLOCKS_MS);
  return passed && reachesBack(row, firstMs - CLOCKS_MS, true);
}

/** How far clocks are trusted to agree: the claim's is that of whoever redrives, the arrival's is Kinesis's. */
const CLOCKS_MS = 60_000;

const sizeOf = (ids: Ids): number => ids.reduce((size, { hashes }) => size + hashes.length, 0);

/**
 * The mark of a claim.
 *
 * @param repeats as in Verdict. Such a claim is later than what it repeats even if clocks say that it is not: only a mark of one claim
 * has one time.
 */
export const claimOf = (repeats: number | undefined, nowMs: number, token: string): RedriveMark =>
  repeats === undefined
    ? { token, firstMs: nowMs, lastMs: nowMs }
    : { token, firstMs: repeats, lastMs: Math.max(nowMs, repeats + 1) };
