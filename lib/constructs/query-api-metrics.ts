import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { QueryApi } from './query-api.ts';

/** A metric of AWS/ApiGateway about an HTTP API, per minute (API Gateway developer guide, "Working with metrics for HTTP APIs"). */
export const apiMetric = (
  { api }: QueryApi,
  name: '4xx' | '5xx' | 'Count' | 'Latency' | 'IntegrationLatency',
  statistic: string = Stats.SUM,
): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName: name,
    dimensionsMap: { ApiId: api.apiId },
    statistic,
    period: Duration.minutes(1),
  });

/** A metric of the API's function, per minute. */
export const apiFunctionMetric = (
  queryApi: QueryApi,
  name: 'Errors' | 'Throttles' | 'Duration' | 'ConcurrentExecutions',
  statistic: string = Stats.SUM,
): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName: name,
    dimensionsMap: { FunctionName: queryApi.function.functionName },
    statistic,
    period: Duration.minutes(1),
  });
