import { z } from 'zod';
import { integer } from '../cloudformation/resource-type.ts';
import { type Formula, formula, type TimeSeries } from './math/evaluate.ts';
import { type Statistic, statisticNamed } from './statistic.ts';
import type { MetricStore } from './store.ts';

const dimension = z.strictObject({ Name: z.string(), Value: z.string() });

/** A metric and a statistic, as CloudWatch's API and its alarms write them. */
export const metricStat = z.strictObject({
  Metric: z.strictObject({
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(dimension).default([]),
  }),
  /** Seconds. */
  Period: integer,
  Stat: z.string(),
  /** Metrics have one unit each here. */
  Unit: z.string().optional(),
});

/** One of several metrics and expressions that refer to each other by id: CloudWatch's MetricDataQuery. */
export const metricDataQuery = z.strictObject({
  Id: z.string(),
  Expression: z.string().optional(),
  MetricStat: metricStat.optional(),
  Label: z.string().optional(),
  ReturnData: z.boolean().default(true),
  /** Seconds, of an expression. */
  Period: integer.optional(),
  AccountId: z.string().optional(),
});

export type MetricStat = z.output<typeof metricStat>;
export type MetricDataQuery = z.output<typeof metricDataQuery>;

/** Consecutive periods. */
export interface Periods {
  /** Epoch milliseconds at which the last one ends. */
  readonly endMs: number;
  readonly periodMs: number;
  readonly count: number;
}

/** Queries that do not make sense together. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

type Source =
  | { readonly stat: MetricStat; readonly statistic: Statistic }
  | { readonly formula: Formula; readonly expression: string };

/** Queries that are known to be computable. */
export class CompiledQueries {
  readonly #sources: ReadonlyMap<string, Source>;

  /** @throws QueryError, MathError and StatisticError for what the local cloud cannot compute. */
  constructor(queries: readonly MetricDataQuery[]) {
    this.#sources = new Map(queries.map((query) => [query.Id, sourceOf(query)]));
    for (const id of this.#sources.keys()) this.#metricsBelow(id, []);
  }

  /** The metrics behind all queries. */
  get metrics(): readonly MetricStat[] {
    return [...this.#sources.values()].flatMap((source) => ('stat' in source ? [source.stat] : []));
  }

  /** The seconds of the longest period of the metrics behind a query. */
  periodSeconds(id: string): number {
    return Math.max(60, ...this.#metricsBelow(id, []).map(({ Period }) => Period));
  }

  /** The values of one query, oldest first. */
  series(id: string, store: MetricStore, periods: Periods): TimeSeries {
    const source = this.#source(id);
    if ('formula' in source) {
      return source.formula.evaluate((other) => this.series(other, store, periods), periods.count);
    }
    const { Metric } = source.stat;
    const dimensions = Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value]));
    return Array.from({ length: periods.count }, (_, i) => {
      const sinceMs = periods.endMs - (periods.count - i) * periods.periodMs;
      const range = { sinceMs, untilMs: sinceMs + periods.periodMs };
      return source.statistic(
        store.statistics({ namespace: Metric.Namespace, name: Metric.MetricName, dimensions, ...range }),
      );
    });
  }

  #metricsBelow(id: string, above: readonly string[]): MetricStat[] {
    if (above.includes(id)) throw new QueryError(`expressions need each other: ${[...above, id].join(' → ')}`);
    const source = this.#source(id);
    if ('stat' in source) return [source.stat];
    return source.formula.ids.flatMap((other) => this.#metricsBelow(other, [...above, id]));
  }

  #source(id: string): Source {
    const source = this.#sources.get(id);
    if (source) return source;
    throw new QueryError(`there is no metric or expression ${id}; there are: ${[...this.#sources.keys()].join(', ')}`);
  }
}

function sourceOf({ Id, Expression, MetricStat: stat }: MetricDataQuery): Source {
  if (Expression !== undefined && !stat) return { formula: formula(Expression), expression: Expression };
  if (stat && Expression === undefined) {
    if (stat.Period < 60 || stat.Period % 60 !== 0) {
      throw new QueryError(`query ${Id}: the local cloud has periods of whole minutes, not of ${stat.Period} s`);
    }
    return { stat, statistic: statisticNamed(stat.Stat) };
  }
  throw new QueryError(`query ${Id} needs either an expression or a metric`);
}
