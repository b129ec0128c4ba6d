import { accountOfEffects, type EffectAccount } from './effects.ts';
import type { Facts } from './facts.ts';
import { accountOfLetters } from './letters.ts';
import { foldStream } from './oracle.ts';
import { accountOfRows } from './rows.ts';

/** What became of everything that was sent. */
export interface Account {
  /** Records that producers had accepted, repeats and garbage included. */
  readonly sent: number;
  /** Records in the stream: also those that a lost answer made a producer put again. */
  readonly records: number;
  /** Events that count, each once. */
  readonly applied: number;
  /** Further copies of them in the stream. */
  readonly duplicates: number;
  /** Records in the dead-letter queue, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Records in the on-failure queue. */
  readonly onFailure: number;
  /** Accepted events that no row knows. */
  readonly lost: number;
  /** Events that a row counts more than once. */
  readonly twice: number;
  /** Records that have no outcome. */
  readonly unaccounted: number;
  readonly rows: number;
  readonly effects: EffectAccount;
  /** A sentence for everything that is not as it must be, whatever its kind. */
  readonly mismatches: readonly string[];
}

/**
 * Gives every record of the stream its outcome, against an oracle that folds the accepted events once with the real reducer: applied,
 * duplicate, rejected or given up. Pure.
 */
export function accountFor(facts: Facts): Account {
  const oracle = foldStream(facts);
  const rows = accountOfRows(oracle, facts.rows);
  const letters = accountOfLetters(oracle, facts.letters);
  const effects = accountOfEffects(oracle, facts);
  return {
    sent: facts.sent.length,
    records: facts.stream.length,
    applied: rows.applied,
    duplicates: oracle.duplicates,
    rejected: letters.rejected,
    onFailure: oracle.givenUp.size,
    lost: rows.lost,
    twice: rows.twice,
    unaccounted: letters.missing + oracle.unknown + rows.lost,
    rows: facts.rows.length,
    effects: effects.account,
    mismatches: [...oracle.mismatches, ...rows.mismatches, ...letters.mismatches, ...effects.mismatches],
  };
}
