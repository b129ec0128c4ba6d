import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  MathExpression,
  type Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { DefaultDashboardFactory, MonitoringFacade } from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { type CostProps, costPerMillionEvents } from './cost-metrics.ts';
import {
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

export interface SystemDashboardProps extends CostProps {
  readonly system: SystemManifest;
  readonly deadLetterQueue: IQueue;
  readonly onFailureQueue: IQueue;
  readonly alarms: readonly IAlarm[];
}

/** One page about one system: what is wrong, what becomes of its events, how fresh its rows are, and the resources below. */
export class SystemDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: SystemDashboardProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', {
      widgets: [[heading(props)], [alarmStatus(props)], ...ownRows(props), ...this.resourceRows(props)],
    });
  }

  /** The usual graphs of the services below, for our own page: the library would make a second one, with a physical name. */
  private resourceRows({ processor, stateTable }: SystemDashboardProps): IWidget[][] {
    const facade = new MonitoringFacade(this, 'Resources', {
      metricFactoryDefaults: { namespace: processor.metricNamespace },
      dashboardFactory: new DefaultDashboardFactory(this, 'None', {
        dashboardNamePrefix: processor.systemName,
        createDashboard: false,
        createAlarmDashboard: false,
      }),
      alarmFactoryDefaults: { actionsEnabled: false, alarmNamePrefix: processor.systemName },
    })
      .monitorLambdaFunction({ lambdaFunction: processor.function, humanReadableName: 'Function' })
      .monitorKinesisDataStream({
        streamName: processor.source.stream.streamName,
        humanReadableName: `Stream ${processor.source.logicalName}`,
        alarmFriendlyName: processor.source.logicalName,
      })
      .monitorDynamoTable({ table: stateTable, humanReadableName: 'State table' });
    return facade.createdMonitorings().map((monitoring) => monitoring.widgets());
  }
}

function heading({ system }: SystemDashboardProps): IWidget {
  return new TextWidget({ markdown: `# ${system.name}\n${system.description}`, width: 24, height: 2 });
}

function alarmStatus({ alarms }: SystemDashboardProps): IWidget {
  return new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 });
}

function ownRows(props: SystemDashboardProps): IWidget[][] {
  const { processor, deadLetterQueue, onFailureQueue } = props;
  const own = (name: Parameters<typeof processorMetric>[1], statistic?: string): Metric =>
    processorMetric(processor, name, statistic);
  return [
    [
      graph('What becomes of events', [
        own('applied'),
        own('duplicateByPosition'),
        own('duplicateById'),
        own('ignored'),
      ]),
      graph('Rejected', [own('rejected'), own('misrouted'), own('fromFuture')]),
      graph('Freshness: arrival to commit, ms', [own('freshness', Stats.p(50)), own('freshness', Stats.p(99))]),
    ],
    [
      graph('Puts against the least possible', [own('puts'), own('putsBound')]),
      graph('Contention', [own('versionConflicts'), own('ownWritesRecognised'), own('youngIdsEvicted')]),
      graph('Effects', [own('effectsSent'), own('effectsResent')]),
    ],
    [
      graph('Blocked', [own('blockedKeys'), own('brokenBatches')]),
      graph('Event source mapping, records', [
        mappingMetric(processor, 'PolledEventCount'),
        mappingMetric(processor, 'InvokedEventCount'),
        mappingMetric(processor, 'FailedInvokeEventCount'),
        mappingMetric(processor, 'DroppedEventCount'),
        mappingMetric(processor, 'OnFailureDestinationDeliveredEventCount'),
      ]),
      new GraphWidget({
        title: 'Lag',
        left: [iteratorAge(processor)],
        right: [hoursLeft(processor)],
        width: 8,
      }),
    ],
    [
      graph('Waiting in the dead-letter queue', [waitingMessages(deadLetterQueue)]),
      graph('Waiting in the on-failure queue', [waitingMessages(onFailureQueue)]),
      graph('Age of the oldest message, s', [oldestMessage(deadLetterQueue), oldestMessage(onFailureQueue)]),
    ],
    costRow(props),
  ];
}

/** What a million events cost, and what decides about it. */
function costRow(props: SystemDashboardProps): IWidget[] {
  const { processor, stateTable } = props;
  const perEvent = (label: string, id: string, units: Metric): IMetric =>
    new MathExpression({
      label,
      expression: `${id} / applied`,
      usingMetrics: { [id]: units, applied: processorMetric(processor, 'applied') },
      period: Duration.minutes(1),
    });
  return [
    graph('USD per million events, estimated at the prices of N. Virginia', [costPerMillionEvents(props)]),
    graph('Per event', [
      perEvent('puts', 'puts', processorMetric(processor, 'puts')),
      perEvent('write units', 'units', tableMetric(stateTable, 'ConsumedWriteCapacityUnits')),
    ]),
    throughput(props),
  ];
}

/** What the stream takes, against what its shards can; an on-demand stream has no fixed limit. */
function throughput({ processor, shards }: SystemDashboardProps): IWidget {
  const { stream } = processor.source;
  const share = (label: string, name: 'IncomingBytes' | 'IncomingRecords', perSecond: number): IMetric =>
    new MathExpression({
      label,
      expression: `100 * ${label} / ${perSecond * 60 * (shards ?? 1)}`,
      usingMetrics: { [label]: streamMetric(stream, name) },
      period: Duration.minutes(1),
    });
  if (shards === undefined) {
    return graph('Into the stream', [streamMetric(stream, 'IncomingBytes'), streamMetric(stream, 'IncomingRecords')]);
  }
  return graph(`Into the stream, percent of ${shards} shards`, [
    share('bytes', 'IncomingBytes', SHARD_LIMIT.bytesPerSecond),
    share('records', 'IncomingRecords', SHARD_LIMIT.recordsPerSecond),
  ]);
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: 8 });
}
