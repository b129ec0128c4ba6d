import { z } from 'zod';
import { boolean, integer } from '../cloudformation/resource-type.ts';
import type { Alarm } from './alarm.ts';
import { type AlarmRule, parseRule } from './alarm-rule.ts';
import { CompiledQueries, type MetricDataQuery, metricDataQuery } from './query.ts';

const arns = z.array(z.string()).default([]);
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);

const common = z.object({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: boolean.default(true),
  AlarmActions: arns,
  OKActions: arns,
  InsufficientDataActions: arns,
  /** For bills and access rules, of which there are none here. */
  Tags: z.unknown().optional(),
});

/** Properties of AWS::CloudWatch::Alarm that are evaluated. */
export const metricAlarmProperties = z.strictObject({
  ...common.shape,
  ComparisonOperator: z.enum([
    'GreaterThanThreshold',
    'GreaterThanOrEqualToThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  Threshold: number,
  EvaluationPeriods: integer,
  DatapointsToAlarm: integer.optional(),
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).default('missing'),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]),
  Period: integer.optional(),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Metrics: z.array(metricDataQuery).optional(),
});

/** Properties of AWS::CloudWatch::CompositeAlarm that are evaluated. */
export const compositeAlarmProperties = z.strictObject({ ...common.shape, AlarmRule: z.string() });

export type MetricAlarmProperties = z.output<typeof metricAlarmProperties>;
export type CompositeAlarmProperties = z.output<typeof compositeAlarmProperties>;

/** An alarm on a metric or an expression, ready to be evaluated. */
export interface MetricAlarm {
  readonly kind: 'metric';
  readonly alarm: Alarm;
  readonly properties: MetricAlarmProperties;
  readonly queries: CompiledQueries;
  /** The one query that is compared with the threshold. */
  readonly queryId: string;
  readonly periodSeconds: number;
}

/** An alarm on the states of others, ready to be evaluated. */
export interface CompositeAlarm {
  readonly kind: 'composite';
  readonly alarm: Alarm;
  readonly properties: CompositeAlarmProperties;
  readonly rule: AlarmRule;
}

export type CompiledAlarm = MetricAlarm | CompositeAlarm;

/** An alarm that the local cloud cannot evaluate: says which, and why. */
export class AlarmError extends Error {
  override readonly name = 'AlarmError';
}

/** @throws AlarmError for a property, a function or a statistic that the local cloud does not evaluate, by its name. */
export function compileAlarm(alarm: Alarm): CompiledAlarm {
  try {
    return alarm.kind === 'metric' ? compileMetric(alarm) : compileComposite(alarm);
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new AlarmError(`${alarm.stack}/${alarm.logicalId}: ${problem}`, { cause: error });
  }
}

function compileMetric(alarm: Alarm): MetricAlarm {
  const properties = metricAlarmProperties.parse(alarm.properties);
  const list = queriesOf(properties);
  const returned = list.filter(({ ReturnData }) => ReturnData);
  const [query] = returned;
  if (!query || returned.length > 1) {
    throw new Error(`an alarm returns exactly one metric or expression, and this one ${returned.length}`);
  }
  const queries = new CompiledQueries(list);
  return {
    kind: 'metric',
    alarm,
    properties,
    queries,
    queryId: query.Id,
    periodSeconds: queries.periodSeconds(query.Id),
  };
}

function compileComposite(alarm: Alarm): CompositeAlarm {
  const properties = compositeAlarmProperties.parse(alarm.properties);
  return { kind: 'composite', alarm, properties, rule: parseRule(properties.AlarmRule) };
}

/** An alarm on one metric is an alarm on one query. */
function queriesOf({ Metrics, ...alarm }: MetricAlarmProperties): readonly MetricDataQuery[] {
  if (Metrics) return Metrics;
  const { Namespace = '', MetricName = '', Dimensions, Period = 60 } = alarm;
  const Stat = alarm.ExtendedStatistic ?? alarm.Statistic ?? '';
  return [{ Id: 'm', ReturnData: true, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat } }];
}
