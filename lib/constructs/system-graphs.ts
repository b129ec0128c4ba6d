import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  type Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type CostProps, costPerMillionEvents, writeUnitsPerEvent } from './cost-metrics.ts';
import {
  functionMetric,
  hoursLeft,
  iteratorAge,
  mappingMetric,
  oldestMessage,
  processorMetric,
  SHARD_LIMIT,
  streamMetric,
  tableMetric,
  waitingMessages,
} from './processor-metrics.ts';

export interface SystemGraphsProps extends CostProps {
  readonly deadLetterQueue: IQueue;
  readonly onFailureQueue: IQueue;
}

/**
 * What is asked of one system, in rows of three: what users notice, then what it may come from, in the order in which the
 * runbook rules causes out ("Why a system falls behind"), then what is refused, and what it takes.
 */
export function graphs(props: SystemGraphsProps): IWidget[][] {
  return [noticed(props), whatCameIn(props), whatItTook(props), refused(props), effort(props), cost(props)];
}

function noticed({ processor }: SystemGraphsProps): IWidget[] {
  const own = ofProcessor(processor);
  return [
    new GraphWidget({ title: 'Lag', left: [iteratorAge(processor)], right: [hoursLeft(processor)], width: 8 }),
    graph('Freshness: arrival to commit, ms', [own('freshness', Stats.p(50)), own('freshness', Stats.p(99))]),
    graph('What becomes of events', [
      own('applied'),
      own('duplicateByPosition'),
      own('duplicateById'),
      own('ignored'),
      own('rejected'),
    ]),
  ];
}

function whatCameIn(props: SystemGraphsProps): IWidget[] {
  const { processor } = props;
  const own = ofProcessor(processor);
  return [
    throughput(props),
    graph('Event source mapping, records', [
      mappingMetric(processor, 'PolledEventCount'),
      mappingMetric(processor, 'InvokedEventCount'),
      mappingMetric(processor, 'FailedInvokeEventCount'),
      mappingMetric(processor, 'DroppedEventCount'),
      mappingMetric(processor, 'OnFailureDestinationDeliveredEventCount'),
    ]),
    graph('Errors and retries', [
      functionMetric(processor, 'Errors'),
      functionMetric(processor, 'Throttles'),
      own('blockedKeys'),
      own('brokenBatches'),
    ]),
  ];
}

function whatItTook({ processor, stateTable, indexes, checkpointTable }: SystemGraphsProps): IWidget[] {
  const own = ofProcessor(processor);
  return [
    graph('Duration of an invocation, ms', [
      functionMetric(processor, 'Duration', Stats.p(50)),
      functionMetric(processor, 'Duration', Stats.p(99)),
    ]),
    graph('Throttled by tables', [
      tableMetric(stateTable, 'WriteThrottleEvents').with({ label: 'writes' }),
      tableMetric(stateTable, 'ReadThrottleEvents').with({ label: 'reads' }),
      ...indexes.map((name) => tableMetric(stateTable, 'WriteThrottleEvents', name).with({ label: `writes, ${name}` })),
      tableMetric(checkpointTable, 'WriteThrottleEvents').with({ label: 'writes, checkpoints' }),
      tableMetric(checkpointTable, 'ReadThrottleEvents').with({ label: 'reads, checkpoints' }),
    ]),
    graph('Effects', [
      own('effectsSent'),
      own('effectsResent'),
      ...Object.entries(processor.outputs).map(([name, stream]) =>
        streamMetric(stream, 'WriteProvisionedThroughputExceeded').with({ label: `refused by ${name}` }),
      ),
    ]),
  ];
}

function refused({ processor, deadLetterQueue, onFailureQueue }: SystemGraphsProps): IWidget[] {
  const own = ofProcessor(processor);
  const both = (metric: (queue: IQueue) => Metric): IMetric[] => [
    metric(deadLetterQueue).with({ label: 'dead letters' }),
    metric(onFailureQueue).with({ label: 'on-failure messages' }),
  ];
  return [
    graph('Rejected', [own('rejected'), own('misrouted'), own('fromFuture')]),
    graph('Waiting dead letters and on-failure messages', both(waitingMessages)),
    graph('Age of the oldest message, s', both(oldestMessage)),
  ];
}

function effort(props: SystemGraphsProps): IWidget[] {
  const { processor } = props;
  const own = ofProcessor(processor);
  const putsPerEvent = new MathExpression({
    label: 'puts',
    expression: 'puts / applied',
    usingMetrics: { puts: own('puts'), applied: own('applied') },
    period: Duration.minutes(1),
  });
  return [
    graph('Puts against the least possible', [own('puts'), own('putsBound')]),
    graph('Per event', [putsPerEvent, writeUnitsPerEvent(props)]),
    graph('Contention', [own('versionConflicts'), own('ownWritesRecognised'), own('youngIdsEvicted')]),
  ];
}

const cost = (props: SystemGraphsProps): IWidget[] => [
  graph('USD per million events, estimated at the prices of N. Virginia', [costPerMillionEvents(props)]),
];

/** What the stream takes, against what its shards can; an on-demand stream has no fixed limit. */
function throughput({ processor, shards }: SystemGraphsProps): IWidget {
  const { stream } = processor.source;
  if (shards === undefined) {
    const [left, right] = [[streamMetric(stream, 'IncomingBytes')], [streamMetric(stream, 'IncomingRecords')]];
    return new GraphWidget({ title: 'Into the stream', left, right, width: 8 });
  }
  const share = (label: string, name: 'IncomingBytes' | 'IncomingRecords', perSecond: number): IMetric =>
    new MathExpression({
      label,
      expression: `100 * ${label} / ${perSecond * 60 * shards}`,
      usingMetrics: { [label]: streamMetric(stream, name) },
      period: Duration.minutes(1),
    });
  return graph(`Into the stream, percent of ${shards} shards`, [
    share('bytes', 'IncomingBytes', SHARD_LIMIT.bytesPerSecond),
    share('records', 'IncomingRecords', SHARD_LIMIT.recordsPerSecond),
  ]);
}

const ofProcessor =
  (processor: SystemGraphsProps['processor']) =>
  (name: Parameters<typeof processorMetric>[1], statistic?: string): Metric =>
    processorMetric(processor, name, statistic);

const graph = (title: string, left: IMetric[]): IWidget => new GraphWidget({ title, left, width: 8 });
