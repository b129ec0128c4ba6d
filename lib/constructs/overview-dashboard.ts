import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  type Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EventSource } from './event-stream.ts';
import { hoursLeft, iteratorAge, processorMetric, streamMetric, waitingMessages } from './processor-metrics.ts';
import type { StreamProcessor } from './stream-processor.ts';

/** A system on the overview. */
export interface OverviewSystem {
  readonly processor: StreamProcessor;
  readonly deadLetterQueue: IQueue;
  readonly onFailureQueue: IQueue;
  readonly alarms: readonly IAlarm[];
}

export interface OverviewDashboardProps {
  readonly title: string;
  readonly sources: readonly EventSource[];
  readonly systems: readonly OverviewSystem[];
  /** Alarms that belong to no system. */
  readonly alarms: readonly IAlarm[];
}

/** One page about a stage: every alarm, and the few graphs that tell which system to look at. */
export class OverviewDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OverviewDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [new TextWidget({ markdown: `# ${props.title}`, width: 24, height: 1 })],
        [alarmStatus(props)],
        graphsOf(props.systems),
        streamsAndQueues(props),
      ],
    });
  }
}

function alarmStatus({ systems, alarms }: OverviewDashboardProps): IWidget {
  const all = [...systems.flatMap((system) => system.alarms), ...alarms];
  return new AlarmStatusWidget({ title: 'Alarms', alarms: all, width: 24, height: 6 });
}

function graphsOf(systems: readonly OverviewSystem[]): IWidget[] {
  const each = (metric: (processor: StreamProcessor) => Metric): IMetric[] =>
    systems.map(({ processor }) => metric(processor).with({ label: processor.systemName }));
  return [
    graph('Lag: iterator age, ms', each(iteratorAge)),
    graph(
      'Freshness: p99 from arrival to commit, ms',
      each((processor) => processorMetric(processor, 'freshness', Stats.p(99))),
    ),
    graph(
      'Events applied',
      each((processor) => processorMetric(processor, 'applied')),
    ),
    graph(
      'Hours left before data loss',
      systems.map(({ processor }, i) => hoursLeft(processor, { id: `age${i}`, label: processor.systemName })),
    ),
  ];
}

function streamsAndQueues({ sources, systems }: OverviewDashboardProps): IWidget[] {
  const streams = (name: Parameters<typeof streamMetric>[1]): IMetric[] =>
    sources.map(({ stream, logicalName }) => streamMetric(stream, name).with({ label: logicalName }));
  return [
    graph('Records into streams', streams('IncomingRecords')),
    graph('Records that streams refused', streams('WriteProvisionedThroughputExceeded')),
    graph(
      'Waiting dead letters',
      systems.map(({ processor, deadLetterQueue }) =>
        waitingMessages(deadLetterQueue).with({ label: processor.systemName }),
      ),
    ),
    graph(
      'Waiting on-failure messages',
      systems.map(({ processor, onFailureQueue }) =>
        waitingMessages(onFailureQueue).with({ label: processor.systemName }),
      ),
    ),
  ];
}

const graph = (title: string, left: IMetric[]): IWidget => new GraphWidget({ title, left, width: 6 });
