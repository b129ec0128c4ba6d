/** A source of chance that a seed decides. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  /** True in a share of cases. */
  chance(share: number): boolean;
  /** @throws RangeError if there is nothing to pick from. */
  pick<T>(from: readonly T[]): T;
}

/** Marsaglia's xorshift32 over a seed that is scrambled first, so that neighbouring seeds differ at once. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm++) next();
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick: (from) => {
      if (from.length === 0) throw new RangeError('There is nothing to pick from');
      return from[below(from.length)] as (typeof from)[number];
    },
  };
}
