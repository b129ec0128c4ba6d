import { type Alarm, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { createAlarm, type OnCall } from './alarm.ts';
import type { QueryApi } from './query-api.ts';
import { apiMetric } from './query-api-metrics.ts';

export interface QueryApiAlarmsProps extends OnCall {
  readonly queryApi: QueryApi;
}

/** Milliseconds of the slowest hundredth above which callers notice. */
const SLOW_MS = 1_000;

/** What wakes somebody about the REST API. */
export class QueryApiAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: QueryApiAlarmsProps) {
    super(scope, id);
    const { queryApi } = props;
    this.alarms = [
      createAlarm(this, 'ServerErrors', props, {
        metric: apiMetric(queryApi, '5xx'),
        when: { above: 0 },
        minutes: { breaching: 3, of: 5 },
        silence: 'healthy',
        meaning: 'Requests to the REST API fail again and again; profiles themselves are not touched by it.',
        first:
          "look for the error in the log group of the API's function: a table that throttles or may not be read names itself; if a deployment came before it, roll back.",
      }),
      createAlarm(this, 'Slow', props, {
        metric: apiMetric(queryApi, 'Latency', Stats.p(99)),
        when: { above: SLOW_MS },
        minutes: { breaching: 5, of: 5 },
        silence: 'healthy',
        meaning: `One request in a hundred to the REST API takes longer than ${SLOW_MS} ms.`,
        first:
          'compare with the latency of the integration on the dashboard: cold starts show as few slow requests, a slow table in its own latency; give the function more memory if its duration is what is long.',
      }),
    ];
  }
}
