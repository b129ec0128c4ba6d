import {
  Alarm,
  type AlarmBase,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarmRule,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** What somebody on call reads. */
export interface AlarmText {
  /** What users notice. */
  readonly meaning: string;
  /** What to do first. */
  readonly first: string;
}

/** An alarm on a metric as somebody on call reads it. */
export interface AlarmSpec extends AlarmText {
  readonly metric: IMetric;
  /** Breaches above this value, or below it. */
  readonly when: { readonly above: number } | { readonly below: number };
  /** Minutes that must breach, out of the last so many: a metric here has one value a minute. */
  readonly minutes: { readonly breaching: number; readonly of: number };
  /**
   * What a minute without a value means. `healthy`: the metric falls silent if nothing happens. `unchanged`: silence may be
   * part of the trouble, so the alarm keeps its state. Metrics of DynamoDB keep it in any case; fill theirs.
   */
  readonly silence: 'healthy' | 'unchanged';
}

/** Where an alarm leads. */
export interface OnCall {
  readonly topic: ITopic;
  /** Where the runbook is: a URL, or a path in the repository. */
  readonly runbook?: string;
}

/** The runbook's path in the repository. */
const RUNBOOK = 'docs/runbook.md';

/** The heading of an alarm in the runbook, as Markdown makes its anchor: `IteratorAgeWarning` is `#iterator-age-warning`. */
export const runbookAnchor = (id: string): string => id.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();

/** An alarm that tells the topic when it goes off and when it recovers. Its id names its heading in the runbook. */
export function createAlarm(scope: Construct, id: string, onCall: OnCall, spec: AlarmSpec): Alarm {
  const above = 'above' in spec.when;
  const alarm = new Alarm(scope, id, {
    metric: spec.metric,
    threshold: 'above' in spec.when ? spec.when.above : spec.when.below,
    comparisonOperator: above ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
    datapointsToAlarm: spec.minutes.breaching,
    evaluationPeriods: spec.minutes.of,
    treatMissingData: spec.silence === 'healthy' ? TreatMissingData.NOT_BREACHING : TreatMissingData.IGNORE,
    alarmDescription: description(id, onCall, spec),
  });
  notify(alarm, onCall);
  return alarm;
}

/** An alarm on others, which tells the topic as they do. */
export function createCompositeAlarm(
  scope: Construct,
  id: string,
  onCall: OnCall,
  spec: AlarmText & { readonly rule: IAlarmRule },
): CompositeAlarm {
  const alarm = new CompositeAlarm(scope, id, {
    alarmRule: spec.rule,
    alarmDescription: description(id, onCall, spec),
  });
  notify(alarm, onCall);
  return alarm;
}

const description = (id: string, { runbook = RUNBOOK }: OnCall, { meaning, first }: AlarmText): string =>
  `${meaning} First: ${first} Runbook: ${runbook}#${runbookAnchor(id)}`;

function notify(alarm: AlarmBase, { topic }: OnCall): void {
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
}
