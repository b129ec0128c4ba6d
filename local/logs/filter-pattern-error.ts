/** A filter pattern that cannot be carried out: why, and where in it. */
export class FilterPatternError extends Error {
  override readonly name = 'FilterPatternError';

  /** @param at characters before the place. */
  constructor(pattern: string, at: number, problem: string) {
    super(`Invalid filter pattern ${JSON.stringify(pattern)}, at character ${at + 1}: ${problem}`);
  }
}
