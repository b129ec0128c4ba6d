import { METRIC_DIMENSION, METRICS, metricNamespace, REASON_DIMENSION } from '../../../lambdas/core/names.ts';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import type { MetricStore } from '../../metrics/store.ts';

/** What became of the events so far, as the processor's metrics say. */
export interface Tally {
  readonly applied: number;
  /** Events that their producer had sent before. */
  readonly duplicates: number;
  /** Events that Lambda delivered once more: counted besides what became of them the first time. */
  readonly redelivered: number;
  readonly ignored: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly putsBound: number;
}

const NAMESPACE = metricNamespace('local');
const dimensions = { [METRIC_DIMENSION]: profiles.name };

export function tallyOf(metrics: MetricStore): Tally {
  const sum = (name: string): number => metrics.statistics({ namespace: NAMESPACE, name, dimensions }).sum;
  return {
    applied: sum(METRICS.applied),
    duplicates: sum(METRICS.duplicateById),
    redelivered: sum(METRICS.duplicateByPosition),
    ignored: sum(METRICS.ignored),
    deadLetters: deadLettersOf(metrics),
    putsBound: sum(METRICS.putsBound),
  };
}

/** Events that have an outcome. */
export const settledOf = (tally: Tally): number =>
  tally.applied + tally.duplicates + tally.ignored + deadLetterCount(tally);

export const deadLetterCount = ({ deadLetters }: Tally): number =>
  Object.values(deadLetters).reduce((sum, count) => sum + count, 0);

/** Milliseconds from an event's arrival in the stream until its row was committed, undefined if none was. */
export function freshnessOf(metrics: MetricStore): {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
} {
  const values = metrics.statistics({ namespace: NAMESPACE, name: METRICS.freshness, dimensions });
  return { p50: values.percentile(50), p99: values.percentile(99) };
}

function deadLettersOf(metrics: MetricStore): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const set of metrics.dimensions(NAMESPACE, METRICS.rejected)) {
    const reason = set[REASON_DIMENSION];
    if (reason === undefined || set[METRIC_DIMENSION] !== profiles.name) continue;
    const { sum } = metrics.statistics({ namespace: NAMESPACE, name: METRICS.rejected, dimensions: set });
    counts[reason] = (counts[reason] ?? 0) + sum;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
