import { z } from 'zod';
import type { AlarmState } from './alarm-book.ts';
import type { CompiledAlarm, CompositeAlarm, MetricAlarm } from './alarm-definition.ts';
import type { CloudWatchState } from './cloudwatch-api.ts';
import { pageOf, TOKEN } from './paging.ts';

const request = z.strictObject({
  AlarmNames: z.array(z.string()).max(100).optional(),
  AlarmNamePrefix: z.string().optional(),
  /** CloudWatch gives metric alarms alone unless told otherwise. */
  AlarmTypes: z.array(z.enum(['MetricAlarm', 'CompositeAlarm'])).default(['MetricAlarm']),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
  MaxRecords: z.int().min(1).max(100).default(100),
  NextToken: z.string().regex(TOKEN).optional(),
});

/** CloudWatch's DescribeAlarms: by names, prefix, type and state. @throws z.ZodError for any other member. */
export function describeAlarms({ book }: CloudWatchState, input: unknown): object {
  const asked = request.parse(input);
  const fits = (compiled: CompiledAlarm): boolean =>
    (asked.AlarmNames?.includes(compiled.alarm.name) ?? true) &&
    compiled.alarm.name.startsWith(asked.AlarmNamePrefix ?? '') &&
    asked.AlarmTypes.includes(compiled.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm') &&
    (asked.StateValue === undefined || book.state(compiled.alarm.name).value === asked.StateValue);
  const { items, nextToken } = pageOf(book.all().filter(fits), asked.MaxRecords, asked.NextToken);
  const described = items.map((compiled) => ({
    kind: compiled.kind,
    description: describe(compiled, book.state(compiled.alarm.name), book.startedMs),
  }));
  return {
    MetricAlarms: described.filter(({ kind }) => kind === 'metric').map(({ description }) => description),
    CompositeAlarms: described.filter(({ kind }) => kind === 'composite').map(({ description }) => description),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function describe(compiled: CompiledAlarm, state: AlarmState, createdMs: number): object {
  const { alarm, properties } = compiled;
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: properties.AlarmDescription,
    AlarmConfigurationUpdatedTimestamp: createdMs / 1000,
    ActionsEnabled: properties.ActionsEnabled,
    OKActions: properties.OKActions,
    AlarmActions: properties.AlarmActions,
    InsufficientDataActions: properties.InsufficientDataActions,
    StateValue: state.value,
    StateReason: state.reason,
    StateUpdatedTimestamp: state.sinceMs / 1000,
    StateTransitionedTimestamp: state.sinceMs / 1000,
    ...(compiled.kind === 'metric' ? metricPart(compiled) : compositePart(compiled)),
  };
}

const compositePart = ({ properties }: CompositeAlarm): object => ({ AlarmRule: properties.AlarmRule });

function metricPart({ properties }: MetricAlarm): object {
  const { EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator, TreatMissingData } = properties;
  const { Metrics, MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions, Period } = properties;
  const evaluation = { EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator, TreatMissingData };
  if (Metrics) return { ...evaluation, Metrics };
  return { ...evaluation, MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions, Period };
}
