import { z } from 'zod';
import type { CloudWatchState } from './cloudwatch-api.ts';
import { CloudWatchError } from './cloudwatch-error.ts';
import { MathError } from './math/parse.ts';
import { pageOf, TOKEN } from './paging.ts';
import { CompiledQueries, metricDataQuery, QueryError } from './query.ts';
import { StatisticError } from './statistic.ts';

/** AWS JSON writes times as epoch seconds. */
const time = z.number().transform((seconds) => seconds * 1000);

const dataRequest = z.strictObject({
  MetricDataQueries: z.array(metricDataQuery).min(1).max(500),
  StartTime: time,
  EndTime: time,
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).default('TimestampDescending'),
});

/** CloudWatch's limit on the data points of one answer. */
const MOST_DATA_POINTS = 100_800;

/** CloudWatch's GetMetricData, all in one answer. Periods without data are left out, as there. */
export function getMetricData({ store }: CloudWatchState, input: unknown): object {
  const { MetricDataQueries: asked, StartTime: startMs, EndTime: endMs, ScanBy } = dataRequest.parse(input);
  const queries = compiled(asked);
  const results = asked
    .filter(({ ReturnData }) => ReturnData)
    .map(({ Id, Label, Period, MetricStat }) => {
      const periodMs = (Period ?? queries.periodSeconds(Id)) * 1000;
      const firstMs = Math.floor(startMs / periodMs) * periodMs;
      const count = Math.max(0, Math.ceil((endMs - firstMs) / periodMs));
      if (count > MOST_DATA_POINTS) {
        throw new CloudWatchError('InvalidParameterValueException', `${Id}: ${count} periods are too many`);
      }
      const series = queries.series(Id, store, { endMs: firstMs + count * periodMs, periodMs, count });
      const points = series.flatMap((value, i) =>
        value === undefined ? [] : [{ seconds: (firstMs + i * periodMs) / 1000, value }],
      );
      if (ScanBy === 'TimestampDescending') points.reverse();
      return {
        Id,
        Label: Label ?? MetricStat?.Metric.MetricName ?? Id,
        Timestamps: points.map(({ seconds }) => seconds),
        Values: points.map(({ value }) => value),
        StatusCode: 'Complete',
      };
    });
  return { MetricDataResults: results, Messages: [] };
}

function compiled(asked: ConstructorParameters<typeof CompiledQueries>[0]): CompiledQueries {
  try {
    return new CompiledQueries(asked);
  } catch (error) {
    const isTheirs = error instanceof QueryError || error instanceof MathError || error instanceof StatisticError;
    if (isTheirs) throw new CloudWatchError('ValidationError', error.message);
    throw error;
  }
}

const listRequest = z.strictObject({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string().optional() })).default([]),
  NextToken: z.string().regex(TOKEN).optional(),
});

/** Metrics of one answer of ListMetrics (API Reference). */
const MOST_METRICS = 500;

/** CloudWatch's ListMetrics: by namespace, name and dimensions. */
export function listMetrics({ store }: CloudWatchState, input: unknown): object {
  const { Namespace, MetricName, Dimensions, NextToken } = listRequest.parse(input);
  const found = store.metrics().filter(
    ({ namespace, name, dimensions }) =>
      (Namespace ?? namespace) === namespace &&
      (MetricName ?? name) === name &&
      Dimensions.every(({ Name, Value }) => {
        const value = dimensions[Name];
        return value !== undefined && (Value ?? value) === value;
      }),
  );
  const { items, nextToken } = pageOf(found, MOST_METRICS, NextToken);
  return {
    Metrics: items.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}
