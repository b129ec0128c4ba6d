import type { ActiveProfile, FoundProfile } from './model.ts';

/** A profile that stands for many, with why it was chosen. */
export interface Highlight {
  readonly why: string;
  readonly found: FoundProfile;
}

type Rank = (profile: ActiveProfile) => number | string;

const RANKS: readonly { readonly why: string; readonly rank: Rank }[] = [
  { why: 'highest spend', rank: ({ totalSpend }) => largest(totalSpend) },
  { why: 'fullest cart', rank: ({ cartValue }) => largest(cartValue) },
  { why: 'seen last', rank: ({ lastSeen }) => lastSeen ?? '' },
];

interface Candidate {
  readonly found: FoundProfile;
  readonly rank: number | string;
}

/** Chooses three profiles to show out of any number, in constant memory; the same ones for the same rows in any order. */
export class Highlights {
  /** Of each rank the best three, since two of them may be chosen for another reason. */
  readonly #best: Candidate[][] = RANKS.map(() => []);

  add(found: FoundProfile): void {
    const { profile } = found;
    if (profile.status === 'erased') return;
    this.#best.forEach((best, nth) => {
      best.push({ found, rank: RANKS[nth]?.rank(profile) ?? 0 });
      best.sort((a, b) => compare(b.rank, a.rank) || compare(a.found.id, b.found.id));
      best.length = Math.min(best.length, RANKS.length);
    });
  }

  chosen(): readonly Highlight[] {
    const chosen: Highlight[] = [];
    for (const [nth, { why }] of RANKS.entries()) {
      const isNew = ({ found }: Candidate): boolean => chosen.every((other) => other.found.id !== found.id);
      const candidate = this.#best[nth]?.find(isNew);
      if (candidate !== undefined) chosen.push({ why, found: candidate.found });
    }
    return chosen;
  }
}

/** Currencies do not add up; the one with most minor units stands for all. */
const largest = (byCurrency: Readonly<Record<string, number>>): number => Math.max(0, ...Object.values(byCurrency));

const compare = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);
