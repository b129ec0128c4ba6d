import { ACCOUNT_ID } from '../emulators/emulators.ts';
import type { Transition } from './alarm-book.ts';
import type { MetricAlarm } from './alarm-definition.ts';
import type { MetricDataQuery } from './query.ts';

/** What CloudWatch publishes to a topic. */
export interface Notification {
  readonly subject: string;
  /** JSON. */
  readonly message: string;
}

/** CloudWatch writes the region by its name for people. */
const REGION_NAME = 'US East (N. Virginia)';

/** SNS takes subjects of up to 100 characters; CloudWatch cuts longer ones. */
const LONGEST_SUBJECT = 100;

/** The notification of a change of state, in the shape in which subscribers of CloudWatch's alarms parse it. */
export function notificationOf(transition: Transition, createdMs: number): Notification {
  const { compiled, from, to } = transition;
  const { name, arn } = compiled.alarm;
  const { AlarmDescription = null, OKActions, AlarmActions, InsufficientDataActions } = compiled.properties;
  const message = {
    AlarmName: name,
    AlarmDescription,
    AWSAccountId: ACCOUNT_ID,
    ...(compiled.kind === 'metric' ? { AlarmConfigurationUpdatedTimestamp: timestamp(createdMs) } : {}),
    NewStateValue: to.value,
    NewStateReason: to.reason,
    StateChangeTime: timestamp(to.sinceMs),
    Region: REGION_NAME,
    AlarmArn: arn,
    OldStateValue: from,
    OKActions,
    AlarmActions,
    InsufficientDataActions,
    ...(compiled.kind === 'metric' ? { Trigger: triggerOf(compiled) } : compositePart(transition)),
  };
  const subject = `${to.value}: "${name}" in ${REGION_NAME}`.slice(0, LONGEST_SUBJECT);
  return { subject, message: JSON.stringify(message) };
}

/** `2026-11-21T02:03:04.005+0000`. */
const timestamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000');

function compositePart({ compiled, children }: Transition): object {
  if (compiled.kind !== 'composite') return {};
  const triggering = children
    .filter(({ state }) => state.value === 'ALARM')
    .map((child) => ({
      Arn: child.alarm.arn,
      State: { Value: child.state.value, Timestamp: timestamp(child.state.sinceMs) },
    }));
  return { AlarmRule: compiled.properties.AlarmRule, TriggeringChildren: triggering };
}

function triggerOf({ properties, periodSeconds }: MetricAlarm): object {
  const { Metrics, EvaluationPeriods, DatapointsToAlarm, ComparisonOperator, Threshold, TreatMissingData } = properties;
  return {
    ...(Metrics ? { Metrics: Metrics.map(queryIn) } : metricIn(properties)),
    Period: periodSeconds,
    EvaluationPeriods,
    ...(DatapointsToAlarm === undefined ? {} : { DatapointsToAlarm }),
    ComparisonOperator,
    Threshold,
    TreatMissingData,
    EvaluateLowSampleCountPercentile: '',
  };
}

function metricIn({
  MetricName,
  Namespace,
  Statistic,
  ExtendedStatistic,
  Dimensions,
}: MetricAlarm['properties']): object {
  const statistic = ExtendedStatistic
    ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic }
    : { StatisticType: 'Statistic', Statistic: Statistic?.toUpperCase() };
  return { MetricName, Namespace, ...statistic, Unit: null, Dimensions: Dimensions.map(dimensionIn) };
}

function queryIn({ Id, Expression, Label, MetricStat, ReturnData }: MetricDataQuery): object {
  const metric = MetricStat && {
    Metric: { ...MetricStat.Metric, Dimensions: MetricStat.Metric.Dimensions.map(dimensionIn) },
    Period: MetricStat.Period,
    Stat: MetricStat.Stat,
  };
  return {
    ...(Expression === undefined ? {} : { Expression }),
    Id,
    ...(Label === undefined ? {} : { Label }),
    ...(metric ? { MetricStat: metric } : {}),
    ReturnData,
  };
}

const dimensionIn = ({ Name, Value }: { readonly Name: string; readonly Value: string }) => ({
  value: Value,
  name: Name,
});
