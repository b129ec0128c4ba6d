import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** An alarm as somebody on call reads it. */
export interface AlarmSpec {
  readonly metric: IMetric;
  /** Breaches above this value, or below it. */
  readonly when: { readonly above: number } | { readonly below: number };
  /** Minutes that must breach, out of the last so many: a metric here has one value a minute. */
  readonly minutes: { readonly breaching: number; readonly of: number };
  /**
   * What a minute without a value means. `healthy`: the metric falls silent if nothing happens. `unchanged`: silence may be
   * part of the trouble, so the alarm keeps its state.
   */
  readonly silence: 'healthy' | 'unchanged';
  /** What users notice. */
  readonly meaning: string;
  /** What to do first. */
  readonly first: string;
}

/** An alarm that tells the topic when it goes off and when it recovers. */
export function createAlarm(scope: Construct, id: string, topic: ITopic, spec: AlarmSpec): Alarm {
  const above = 'above' in spec.when;
  const alarm = new Alarm(scope, id, {
    metric: spec.metric,
    threshold: 'above' in spec.when ? spec.when.above : spec.when.below,
    comparisonOperator: above ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
    datapointsToAlarm: spec.minutes.breaching,
    evaluationPeriods: spec.minutes.of,
    treatMissingData: spec.silence === 'healthy' ? TreatMissingData.NOT_BREACHING : TreatMissingData.IGNORE,
    alarmDescription: `${spec.meaning} First: ${spec.first}`,
  });
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}
