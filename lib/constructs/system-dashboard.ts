import { AlarmStatusWidget, Dashboard, type IAlarm, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { DefaultDashboardFactory, MonitoringFacade } from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { graphs, type SystemGraphsProps } from './system-graphs.ts';

export interface SystemDashboardProps extends Omit<SystemGraphsProps, 'indexes'> {
  readonly system: SystemManifest;
  readonly alarms: readonly IAlarm[];
}

/** One page about one system: what is wrong, what becomes of its events, how fresh its rows are, and the resources below. */
export class SystemDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: SystemDashboardProps) {
    super(scope, id);
    const indexes = props.system.indexes.map(({ name }) => name);
    this.dashboard = new Dashboard(this, 'Dashboard', {
      widgets: [[heading(props)], [alarmStatus(props)], ...graphs({ ...props, indexes }), ...this.resourceRows(props)],
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
