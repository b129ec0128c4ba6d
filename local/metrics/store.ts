import type { MetricDatum } from './emf.ts';
import { noValues, Series, type Summary } from './series.ts';

/** A metric. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  /** All dimensions of the metric, as CloudWatch wants them; none by default. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** Which metric, and over which period. */
export interface MetricQuery extends MetricName {
  /** Epoch milliseconds, inclusive; from the beginning by default. */
  readonly sinceMs?: number;
  /** Epoch milliseconds, exclusive; to the end by default. */
  readonly untilMs?: number;
}

/** Statistics over all values of a period. `min`, `max` and percentiles of no values are undefined. */
export interface Statistics {
  readonly count: number;
  readonly sum: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** The value below or at which `percent` (0 to 100) of the values lie, by nearest rank. */
  percentile(percent: number): number | undefined;
}

/**
 * The metrics of a local cloud. For three hours every value is kept, then, for 15 days, minutes as a whole, as CloudWatch
 * does; queries from the beginning count what came before that, too.
 */
export class MetricStore {
  readonly #series = new Map<string, Series>();
  readonly #metrics: Required<MetricName>[] = [];

  put({ namespace, name, dimensions, timestampMs, values }: MetricDatum): void {
    const key = keyOf(namespace, name, dimensions);
    const known = this.#series.get(key);
    const series = known ?? new Series();
    if (!known) {
      this.#series.set(key, series);
      this.#metrics.push({ namespace, name, dimensions });
    }
    series.put(timestampMs, values);
  }

  statistics({ namespace, name, dimensions = {}, sinceMs = 0, untilMs = Infinity }: MetricQuery): Statistics {
    return statisticsOf(this.#series.get(keyOf(namespace, name, dimensions))?.over(sinceMs, untilMs) ?? noValues());
  }

  /** Every metric that has been emitted, in the order in which they first were. */
  metrics(): readonly Required<MetricName>[] {
    return this.#metrics;
  }

  /** The sets of dimensions with which a metric was emitted. */
  dimensions(namespace: string, name: string): Readonly<Record<string, string>>[] {
    return this.#metrics
      .filter((metric) => metric.namespace === namespace && metric.name === name)
      .map((metric) => metric.dimensions);
  }
}

function statisticsOf({ count, sum, min, max, values }: Summary): Statistics {
  let sorted: [number, number][] | undefined;
  return {
    count,
    sum,
    min: count === 0 ? undefined : min,
    max: count === 0 ? undefined : max,
    percentile: (percent) => {
      sorted ??= [...values].sort(([a], [b]) => a - b);
      // In this order: 99.9 / 100 * 1000 is a little more than 999 in floating point.
      const rank = Math.ceil((percent * count) / 100);
      let below = 0;
      return sorted.find(([, times]) => {
        below += times;
        return below >= rank;
      })?.[0];
    },
  };
}

function keyOf(namespace: string, name: string, dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
