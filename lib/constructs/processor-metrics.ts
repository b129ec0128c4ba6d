import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { METRIC_DIMENSION, METRICS } from '../../lambdas/core/names.ts';
import type { StreamProcessor } from './stream-processor.ts';

const MINUTE = Duration.minutes(1);

/** Metrics of an event source mapping that are switched on by its `EventCount` setting (Lambda developer guide). */
export type MappingMetric =
  | 'PolledEventCount'
  | 'FilteredOutEventCount'
  | 'InvokedEventCount'
  | 'FailedInvokeEventCount'
  | 'DroppedEventCount'
  | 'OnFailureDestinationDeliveredEventCount';

/** A metric of the processor itself, per minute. Counts are summed unless `statistic` says otherwise. */
export function processorMetric(
  processor: StreamProcessor,
  name: keyof typeof METRICS,
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: processor.metricNamespace,
    metricName: METRICS[name],
    dimensionsMap: { [METRIC_DIMENSION]: processor.systemName },
    statistic,
    period: MINUTE,
  });
}

/** Records that the mapping polled, invoked with, failed or dropped, per minute. */
export function mappingMetric(processor: StreamProcessor, name: MappingMetric): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: name,
    dimensionsMap: { EventSourceMappingUUID: processor.mappingId },
    statistic: Stats.SUM,
    period: MINUTE,
  });
}

/** Milliseconds between the arrival of the newest record of a batch and its invocation, at worst. Only invocations report it. */
export function iteratorAge(processor: StreamProcessor): Metric {
  return functionMetric(processor, 'IteratorAge', Stats.MAXIMUM);
}

/** A count of AWS/Lambda about the function, per minute. */
export function functionMetric(
  processor: StreamProcessor,
  name: 'Errors' | 'Throttles' | 'Invocations' | 'IteratorAge' | 'Duration',
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: name,
    dimensionsMap: { FunctionName: processor.function.functionName },
    statistic,
    period: MINUTE,
  });
}

/** Hours until the record that the processor works on would expire unread. @param named by an id and a label of its own on a graph with others. */
export function hoursLeft(
  processor: StreamProcessor,
  { id, label }: { readonly id: string; readonly label: string } = { id: 'age', label: 'hours left before data loss' },
): MathExpression {
  return new MathExpression({
    label,
    expression: `${processor.source.retention.toHours()} - ${id} / 3600000`,
    usingMetrics: { [id]: iteratorAge(processor) },
    period: MINUTE,
  });
}

/** 1 in a minute in which the stream took records and the mapping polled none. */
export function stalled(processor: StreamProcessor): IMetric {
  return new MathExpression({
    label: 'records arrive, none is polled',
    expression: 'IF(FILL(arrived, 0) > 0 AND FILL(polled, 0) == 0, 1, 0)',
    usingMetrics: {
      arrived: streamMetric(processor.source.stream, 'IncomingRecords'),
      polled: mappingMetric(processor, 'PolledEventCount'),
    },
    period: MINUTE,
  });
}

/** A count of AWS/Kinesis about a whole stream, per minute. */
export function streamMetric(
  stream: IStream,
  name:
    | 'IncomingRecords'
    | 'IncomingBytes'
    | 'WriteProvisionedThroughputExceeded'
    | 'ReadProvisionedThroughputExceeded',
): Metric {
  return new Metric({
    namespace: 'AWS/Kinesis',
    metricName: name,
    dimensionsMap: { StreamName: stream.streamName },
    statistic: Stats.SUM,
    period: MINUTE,
  });
}

/** Messages that wait in the queue, at most. */
export const waitingMessages = (queue: IQueue): Metric => queueMetric(queue, 'ApproximateNumberOfMessagesVisible');

/** Seconds for which the oldest message has been in the queue. */
export const oldestMessage = (queue: IQueue): Metric => queueMetric(queue, 'ApproximateAgeOfOldestMessage');

function queueMetric(queue: IQueue, metricName: string): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: queue.queueName },
    statistic: Stats.MAXIMUM,
    period: MINUTE,
  });
}

/** A sum of AWS/DynamoDB about a table, or one of its indexes, per minute. Throttle events are silent while there are none. */
export function tableMetric(
  table: ITable,
  name: 'WriteThrottleEvents' | 'ReadThrottleEvents' | 'ConsumedWriteCapacityUnits' | 'ConsumedReadCapacityUnits',
  index?: string,
): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName: name,
    dimensionsMap: {
      TableName: table.tableName,
      ...(index === undefined ? {} : { GlobalSecondaryIndexName: index }),
    },
    statistic: Stats.SUM,
    period: MINUTE,
  });
}

/** 1 in a minute in which rows were staler than `objectiveMs`: by how late events were committed, or by how old what was read was. */
export function staleMinute(processor: StreamProcessor, objectiveMs: number): IMetric {
  return new MathExpression({
    label: `staler than ${objectiveMs / 1000} s`,
    expression: `IF(FILL(freshness, 0) > ${objectiveMs} OR FILL(age, 0) > ${objectiveMs}, 1, 0)`,
    usingMetrics: { freshness: processorMetric(processor, 'freshness', Stats.p(99)), age: iteratorAge(processor) },
    period: MINUTE,
  });
}

/** Requests to tables and indexes that DynamoDB throttled, all together; 0 in a minute without any. */
export function throttledRequests(metrics: readonly Metric[]): IMetric {
  const named = Object.fromEntries(metrics.map((metric, i) => [`m${i}`, metric]));
  return new MathExpression({
    label: 'throttled requests',
    expression: Object.keys(named)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics: named,
    period: MINUTE,
  });
}

/** What a shard takes (Kinesis developer guide, "Quotas and limits"). */
export const SHARD_LIMIT = { bytesPerSecond: 1024 * 1024, recordsPerSecond: 1000 } as const;

/** 1 in a minute in which the stream refused records though all together were under half of what its shards take. */
export function unevenlyThrottled(stream: IStream, shards: number): IMetric {
  const half = (perSecond: number): number => (perSecond * 60 * shards) / 2;
  return new MathExpression({
    label: 'refused, though half of the shards would do',
    expression:
      `IF(FILL(refused, 0) > 0 AND FILL(bytes, 0) < ${half(SHARD_LIMIT.bytesPerSecond)} ` +
      `AND FILL(records, 0) < ${half(SHARD_LIMIT.recordsPerSecond)}, 1, 0)`,
    usingMetrics: {
      refused: streamMetric(stream, 'WriteProvisionedThroughputExceeded'),
      bytes: streamMetric(stream, 'IncomingBytes'),
      records: streamMetric(stream, 'IncomingRecords'),
    },
    period: MINUTE,
  });
}
