import type { Alarm } from '../../../../local/metrics/alarm.ts';
import { MetricStore } from '../../../../local/metrics/store.ts';

/** 02:00:00 of a day. */
export const START_MS = Date.UTC(2026, 10, 21, 2);
export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:on-call';

const alarm = (kind: Alarm['kind'], name: string, properties: Alarm['properties']): Alarm => ({
  name,
  arn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
  stack: 'Stateless',
  logicalId: `Logical${name}`,
  kind,
  properties,
});

/** Goes off at an error in the newest minute with data; silence is healthy. */
export const errorAlarm = (name: string, more: Alarm['properties'] = {}): Alarm =>
  alarm('metric', name, {
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
    Namespace: 'Millrace',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'processor', Value: name }],
    Period: 60,
    Statistic: 'Sum',
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    ...more,
  });

export const compositeAlarm = (name: string, AlarmRule: string): Alarm =>
  alarm('composite', name, { AlarmRule, AlarmActions: [TOPIC] });

/** A store, and what counts errors of a processor at a number of seconds after the start. */
export function errors() {
  const store = new MetricStore();
  const put = (processor: string, seconds: number, ...values: number[]) =>
    store.put({
      namespace: 'Millrace',
      name: 'Errors',
      dimensions: { processor },
      timestampMs: START_MS + seconds * 1000,
      values,
    });
  return { store, put };
}
