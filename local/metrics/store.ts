import type { MetricDatum } from './emf.ts';

/** Which metric, and over which period. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  /** All dimensions of the metric, as CloudWatch wants them; none by default. */
  readonly dimensions?: Readonly<Record<string, string>>;
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

/** CloudWatch keeps data points of less than a minute for 3 hours (User Guide, "Metrics retention"). */
const RETENTION_MS = 3 * 60 * 60 * 1000;

type Series = { readonly dimensions: Readonly<Record<string, string>>; points: MetricDatum[] };

/** The metrics of a local cloud, value by value, for the last three hours. */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  put(datum: MetricDatum): void {
    const key = keyOf(datum.namespace, datum.name, datum.dimensions);
    const series = this.#series.get(key) ?? { dimensions: datum.dimensions, points: [] };
    this.#series.set(key, series);
    series.points.push(datum);
    const oldest = series.points[0];
    // Twice the retention at most is held, so that dropping does not cost at every value.
    if (oldest && datum.timestampMs - oldest.timestampMs > 2 * RETENTION_MS) {
      series.points = series.points.filter((point) => datum.timestampMs - point.timestampMs <= RETENTION_MS);
    }
  }

  statistics({ namespace, name, dimensions = {}, sinceMs = 0, untilMs = Infinity }: MetricQuery): Statistics {
    const points = this.#series.get(keyOf(namespace, name, dimensions))?.points ?? [];
    return statisticsOf(
      points
        .filter(({ timestampMs }) => timestampMs >= sinceMs && timestampMs < untilMs)
        .flatMap(({ values }) => values),
    );
  }

  /** The sets of dimensions with which a metric was emitted. */
  dimensions(namespace: string, name: string): Readonly<Record<string, string>>[] {
    const prefix = keyOf(namespace, name, undefined);
    return [...this.#series].flatMap(([key, series]) => (key.startsWith(prefix) ? [series.dimensions] : []));
  }
}

function statisticsOf(values: readonly number[]): Statistics {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    sum: sorted.reduce((total, value) => total + value, 0),
    min: sorted[0],
    max: sorted.at(-1),
    percentile: (percent) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)],
  };
}

function keyOf(namespace: string, name: string, dimensions: Readonly<Record<string, string>> | undefined): string {
  const prefix = `${JSON.stringify([namespace, name])}:`;
  return dimensions ? prefix + JSON.stringify(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))) : prefix;
}
