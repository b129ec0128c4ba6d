import type { Random } from './random.ts';

export const KEY_COUNT = 1_000;

/** How often each key occurs. */
export type KeyDistribution = 'zipf' | 'uniform';

/** Draws ranks from 0, the most frequent key, to KEY_COUNT - 1. */
export type KeySampler = (random: Random) => number;

/** Zipf with s = 1: rank r occurs in proportion to 1 / (r + 1). */
export function keySampler(distribution: KeyDistribution): KeySampler {
  if (distribution === 'uniform') return (random) => random.below(KEY_COUNT);
  const cumulated: number[] = [];
  for (let rank = 0, sum = 0; rank < KEY_COUNT; rank++) {
    sum += 1 / (rank + 1);
    cumulated.push(sum);
  }
  const total = cumulated[KEY_COUNT - 1] ?? 0;
  return (random) => firstAbove(cumulated, random.next() * total);
}

/** Index of the first element above `value`, of ascending elements. */
function firstAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The user of a rank: nine digits, as in the shop's log. */
export const userOf = (rank: number): string => String(400_000_000 + rank * 7919);
