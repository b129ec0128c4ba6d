import { VARIANTS, type VariantName } from './variants/variant.ts';
import type { KeyDistribution } from './workload/keys.ts';

/** One line of the result. */
export interface Case {
  readonly keys: KeyDistribution;
  /** Events per invocation. */
  readonly batch: number;
  /** Execution environments among which invocations are drawn. */
  readonly environments: number;
}

/** How many events of a variant are measured in one go, and how often. */
export interface Effort {
  readonly events: number;
  readonly repeats: number;
}

export interface Plan {
  readonly cases: readonly Case[];
  /** Events that rows have seen before anything is measured. */
  readonly warmUp: number;
  /** Events that each environment has run itself before it is measured, so that its code is compiled: of variants that are fast, and slow. */
  readonly warmEnvironment: { readonly fast: number; readonly slow: number };
  readonly fast: Effort;
  /** Of the Powertools variants, which take a second for what others do in a tenth. At least one batch is measured. */
  readonly slow: Effort;
  /** What takes part in a case. */
  variantsOf(one: Case): readonly VariantName[];
  /** Fresh processes per bundle. */
  readonly imports: number;
  readonly freshness: { readonly eventsPerSecond: number; readonly seconds: number };
}

/** What people and the acceptance look at first. */
export const MAIN_BATCH = 500;
const ENVIRONMENTS = [1, 8];

const uncached = VARIANTS.filter((name) => !name.endsWith('Cached'));

const casesOf = (distributions: readonly KeyDistribution[], batches: readonly number[]): readonly Case[] =>
  distributions.flatMap((keys) =>
    ENVIRONMENTS.flatMap((environments) => batches.map((batch) => ({ keys, batch, environments }))),
  );

/** Everything, in about ten minutes on two cores. */
export const FULL: Plan = {
  cases: casesOf(['zipf', 'uniform'], [100, MAIN_BATCH, 2_000]),
  warmUp: 30_000,
  warmEnvironment: { fast: 6_000, slow: 500 },
  fast: { events: 3_000, repeats: 5 },
  slow: { events: 500, repeats: 2 },
  // The local cache changes nothing but for events that are repeated: shown where people look first.
  variantsOf: ({ batch, environments }) => (batch === MAIN_BATCH && environments === 1 ? VARIANTS : uncached),
  imports: 15,
  freshness: { eventsPerSecond: 200, seconds: 30 },
};

/** The main case alone, within a minute. */
export const QUICK: Plan = {
  cases: casesOf(['zipf'], [MAIN_BATCH]),
  warmUp: 30_000,
  warmEnvironment: { fast: 1_000, slow: 60 },
  fast: { events: 2_000, repeats: 3 },
  slow: { events: 500, repeats: 1 },
  variantsOf: () => uncached,
  imports: 3,
  freshness: { eventsPerSecond: 200, seconds: 2 },
};
