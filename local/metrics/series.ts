import type { MetricDatum } from './emf.ts';

/** What remains of many values: exact but for percentiles, whose values are kept to three significant digits. */
export interface Summary {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** How often each value came. */
  readonly values: Map<number, number>;
}

type Points = Pick<MetricDatum, 'timestampMs' | 'values'>[];

const MINUTE_MS = 60_000;
/** Single values are kept for as long as CloudWatch keeps data points of less than a minute: 3 hours (User Guide, "Metrics retention"). */
const SINGLE_VALUES_MS = 3 * 60 * MINUTE_MS;
/** Minutes are kept for as long as CloudWatch keeps data points of a minute: 15 days. */
const MINUTES_MS = 15 * 24 * 60 * MINUTE_MS;

/** The values of one metric under one set of dimensions: one by one at first, then by the minute, then all in one. */
export class Series {
  /** By the start of their minute, oldest first but for values that came late. */
  readonly #recent = new Map<number, Points>();
  readonly #minutes = new Map<number, Summary>();
  readonly #earlier = noValues();

  put(timestampMs: number, values: readonly number[]): void {
    const minute = minuteOf(timestampMs);
    const points = this.#recent.get(minute);
    if (points) {
      points.push({ timestampMs, values });
      return;
    }
    this.#recent.set(minute, [{ timestampMs, values }]);
    this.#condense(minute);
  }

  /** What was measured in `[sinceMs, untilMs)`. What lies too far back to have a time counts only where `sinceMs` is 0. */
  over(sinceMs: number, untilMs: number): Summary {
    const total = noValues();
    if (sinceMs <= 0) merge(total, this.#earlier);
    for (const minute of this.#minutesIn(sinceMs, untilMs)) {
      const summary = this.#minutes.get(minute);
      if (summary && minute >= sinceMs) merge(total, summary);
      for (const { timestampMs, values } of this.#recent.get(minute) ?? []) {
        if (timestampMs >= sinceMs && timestampMs < untilMs) for (const value of values) add(total, value, value);
      }
    }
    return total;
  }

  /** Starts of the minutes that meet `[sinceMs, untilMs)`; for a wide range those that there are. */
  #minutesIn(sinceMs: number, untilMs: number): Iterable<number> {
    const first = minuteOf(sinceMs);
    const known = this.#minutes.size + this.#recent.size;
    if ((untilMs - first) / MINUTE_MS > known) {
      const all = new Set([...this.#minutes.keys(), ...this.#recent.keys()]);
      return [...all].filter((minute) => minute >= first && minute < untilMs);
    }
    return Array.from({ length: Math.ceil((untilMs - first) / MINUTE_MS) }, (_, i) => first + i * MINUTE_MS);
  }

  #condense(newest: number): void {
    for (const [minute, points] of this.#recent) {
      if (newest - minute <= SINGLE_VALUES_MS) continue;
      const summary = this.#minutes.get(minute) ?? noValues();
      for (const { values } of points) for (const value of values) add(summary, value, Number(value.toPrecision(3)));
      this.#minutes.set(minute, summary);
      this.#recent.delete(minute);
    }
    for (const [minute, summary] of this.#minutes) {
      if (newest - minute <= MINUTES_MS) break;
      merge(this.#earlier, summary);
      this.#minutes.delete(minute);
    }
  }
}

export const noValues = (): Summary => ({ count: 0, sum: 0, min: Infinity, max: -Infinity, values: new Map() });

const minuteOf = (timestampMs: number): number => Math.floor(timestampMs / MINUTE_MS) * MINUTE_MS;

function add(summary: Summary, value: number, kept: number): void {
  summary.count += 1;
  summary.sum += value;
  summary.min = Math.min(summary.min, value);
  summary.max = Math.max(summary.max, value);
  summary.values.set(kept, (summary.values.get(kept) ?? 0) + 1);
}

function merge(into: Summary, from: Summary): void {
  into.count += from.count;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  for (const [value, count] of from.values) into.values.set(value, (into.values.get(value) ?? 0) + count);
}
