import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
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
  name: 'Errors' | 'Throttles' | 'Invocations' | 'IteratorAge',
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

/** Hours until the record that the processor works on would expire unread. */
export function hoursLeft(processor: StreamProcessor): MathExpression {
  return new MathExpression({
    label: 'hours left before data loss',
    expression: `${processor.source.retention.toHours()} - age / 3600000`,
    usingMetrics: { age: iteratorAge(processor) },
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
export function waitingMessages(queue: IQueue): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queue.queueName },
    statistic: Stats.MAXIMUM,
    period: MINUTE,
  });
}
