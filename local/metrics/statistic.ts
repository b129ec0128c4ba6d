import type { Statistics } from './store.ts';

/** One number of a period's values; undefined if there are none. */
export type Statistic = (values: Statistics) => number | undefined;

/** A statistic that the local cloud does not compute. */
export class StatisticError extends Error {
  override readonly name = 'StatisticError';
}

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: ({ count }) => (count === 0 ? undefined : count),
  Sum: ({ count, sum }) => (count === 0 ? undefined : sum),
  Average: ({ count, sum }) => (count === 0 ? undefined : sum / count),
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

/**
 * `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` and percentiles such as `p99` and `p99.9`.
 *
 * @throws StatisticError for any other of CloudWatch's statistics, by its name.
 */
export function statisticNamed(name: string): Statistic {
  const simple = Object.hasOwn(SIMPLE, name) ? SIMPLE[name] : undefined;
  if (simple) return simple;
  const percent = Number(/^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name)?.[1] ?? Number.NaN);
  if (!Number.isNaN(percent)) return (values) => values.percentile(percent);
  const known = `${Object.keys(SIMPLE).join(', ')} and percentiles`;
  throw new StatisticError(`the local cloud does not compute the statistic ${name}; it has ${known}`);
}
