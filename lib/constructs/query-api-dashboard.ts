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
import { Construct } from 'constructs';
import type { QueryApi } from './query-api.ts';
import { apiFunctionMetric, apiMetric } from './query-api-metrics.ts';

export interface QueryApiDashboardProps {
  readonly queryApi: QueryApi;
  readonly alarms: readonly Alarm[];
}

/** One page about the REST API: how much is asked, how it goes, and how long it takes. */
export class QueryApiDashboard extends Construct {
  constructor(scope: Construct, id: string, { queryApi, alarms }: QueryApiDashboardProps) {
    super(scope, id);
    const p50 = Stats.p(50);
    const p99 = Stats.p(99);
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [new TextWidget({ markdown: '# REST API\nThe state of each row, asked over HTTP', width: 24, height: 2 })],
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 })],
        [
          graph('Requests', [apiMetric(queryApi, 'Count')]),
          graph('Refused and failed', [apiMetric(queryApi, '4xx'), apiMetric(queryApi, '5xx')]),
          graph('Latency, ms', [
            apiMetric(queryApi, 'Latency', p50),
            apiMetric(queryApi, 'Latency', p99),
            apiMetric(queryApi, 'IntegrationLatency', p99),
          ]),
        ],
        [
          graph('Function: duration, ms', [
            apiFunctionMetric(queryApi, 'Duration', p50),
            apiFunctionMetric(queryApi, 'Duration', p99),
          ]),
          graph('Function: errors and throttles', [
            apiFunctionMetric(queryApi, 'Errors'),
            apiFunctionMetric(queryApi, 'Throttles'),
          ]),
          graph('Function: at once', [apiFunctionMetric(queryApi, 'ConcurrentExecutions', Stats.MAXIMUM)]),
        ],
      ],
    });
  }
}

const graph = (title: string, left: IMetric[]): IWidget => new GraphWidget({ title, left, width: 8 });
