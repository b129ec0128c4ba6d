import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { DefaultDashboardFactory, MonitoringFacade } from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { hoursLeft, iteratorAge, mappingMetric, processorMetric, waitingMessages } from './processor-metrics.ts';
import type { StreamProcessor } from './stream-processor.ts';

export interface SystemDashboardProps {
  readonly system: SystemManifest;
  readonly processor: StreamProcessor;
  readonly stateTable: ITable;
  readonly deadLetterQueue: IQueue;
  readonly onFailureQueue: IQueue;
  readonly alarms: readonly Alarm[];
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

function ownRows({ processor, deadLetterQueue, onFailureQueue }: SystemDashboardProps): IWidget[][] {
  const own = (name: Parameters<typeof processorMetric>[1], statistic?: string): IMetric =>
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
    ],
  ];
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: 8 });
}
