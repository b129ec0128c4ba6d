import { readFileSync } from 'node:fs';
import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { SEGMENT_INDEX } from '../../lambdas/systems/profiles/system.ts';
import { ALL_ALARMS } from '../support/alarms/all-alarms.ts';
import { synthesize } from './support/synth.ts';
import type { Resource } from './support/templates.ts';

const templates = synthesize({ stage: 'prod' });
const NAMESPACE = metricNamespace('prod');
const alarms = templates.resources('AWS::CloudWatch::Alarm');
const composites = templates.resources('AWS::CloudWatch::CompositeAlarm');
const nameOf = ({ path }: Resource) => path.split('/').slice(1, 3).join('/');

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** The metrics of an alarm: its own, or those of its expression. */
function metricsOf({ properties }: Resource): Metric[] {
  if (properties.MetricName !== undefined) return [properties];
  return properties.Metrics.flatMap((m: { MetricStat?: { Metric: Metric } }) => m.MetricStat?.Metric ?? []);
}

/** Metrics as AWS publishes them (developer guides of Lambda, Kinesis, SQS and API Gateway): the dimension, and what its value names. */
const PUBLISHED: Readonly<Record<string, readonly [dimension: string, type: string, attribute: string]>> = {
  'AWS/Lambda IteratorAge': ['FunctionName', 'AWS::Lambda::Function', 'Ref'],
  'AWS/Lambda Errors': ['FunctionName', 'AWS::Lambda::Function', 'Ref'],
  'AWS/Lambda Duration': ['FunctionName', 'AWS::Lambda::Function', 'Ref'],
  'AWS/Lambda Throttles': ['FunctionName', 'AWS::Lambda::Function', 'Ref'],
  'AWS/Lambda PolledEventCount': ['EventSourceMappingUUID', 'AWS::Lambda::EventSourceMapping', 'Ref'],
  'AWS/Lambda DroppedEventCount': ['EventSourceMappingUUID', 'AWS::Lambda::EventSourceMapping', 'Ref'],
  'AWS/Kinesis IncomingRecords': ['StreamName', 'AWS::Kinesis::Stream', 'Ref'],
  'AWS/Kinesis IncomingBytes': ['StreamName', 'AWS::Kinesis::Stream', 'Ref'],
  'AWS/Kinesis WriteProvisionedThroughputExceeded': ['StreamName', 'AWS::Kinesis::Stream', 'Ref'],
  'AWS/ApiGateway 5xx': ['ApiId', 'AWS::ApiGatewayV2::Api', 'Ref'],
  'AWS/ApiGateway Latency': ['ApiId', 'AWS::ApiGatewayV2::Api', 'Ref'],
  'AWS/SQS ApproximateNumberOfMessagesVisible': ['QueueName', 'AWS::SQS::Queue', 'QueueName'],
  'AWS/SQS ApproximateAgeOfOldestMessage': ['QueueName', 'AWS::SQS::Queue', 'QueueName'],
  'AWS/DynamoDB WriteThrottleEvents': ['TableName', 'AWS::DynamoDB::Table', 'Ref'],
  'AWS/DynamoDB ReadThrottleEvents': ['TableName', 'AWS::DynamoDB::Table', 'Ref'],
};

test('every promise has its alarm', () => {
  expect([...alarms, ...composites].map(nameOf).sort()).toEqual(ALL_ALARMS);
});

describe.each([...alarms, ...composites].map((alarm) => [nameOf(alarm), alarm] as const))('%s', (_, alarm) => {
  test('tells the topic when it goes off and when it recovers', () => {
    for (const actions of [alarm.properties.AlarmActions, alarm.properties.OKActions]) {
      expect(actions).toHaveLength(1);
      expect(templates.target(alarm.stack, actions[0])?.resource.type).toBe('AWS::SNS::Topic');
    }
    expect(alarm.properties.ActionsEnabled).not.toBe(false);
  });

  test('says what users notice, what to do first and where the runbook goes on', () => {
    expect(alarm.properties.AlarmDescription).toMatch(/\. First: .+\. Runbook: docs\/runbook\.md#[a-z-]+$/s);
    expect(alarm.properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
  });
});

describe.each(alarms.map((alarm) => [nameOf(alarm), alarm] as const))('%s', (_, alarm) => {
  test('watches metrics that are published, under dimensions that name resources of these stacks', () => {
    const metrics = metricsOf(alarm);
    expect(metrics.length).toBeGreaterThan(0);
    for (const { Namespace, MetricName, Dimensions = [] } of metrics) {
      if (Namespace === NAMESPACE) {
        expect(Object.values(METRICS)).toContain(MetricName);
        expect(Dimensions).toEqual([{ Name: METRIC_DIMENSION, Value: 'profiles' }]);
        continue;
      }
      const [dimension, type, attribute] = PUBLISHED[`${Namespace} ${MetricName}`] ?? [];
      expect(Dimensions).toContainEqual({ Name: dimension, Value: expect.anything() });
      for (const { Name, Value } of Dimensions.filter(({ Name }) => Name !== dimension)) {
        expect([Name, Value]).toEqual(['GlobalSecondaryIndexName', SEGMENT_INDEX.name]);
      }
      const target = templates.target(alarm.stack, Dimensions.find(({ Name }) => Name === dimension)?.Value);
      expect([target?.resource.type, target?.attribute]).toEqual([type, attribute]);
    }
  });

  test('decides what silence means; where DynamoDB would decide otherwise, the metrics are filled', () => {
    expect(['notBreaching', 'ignore']).toContain(alarm.properties.TreatMissingData);
    if (!metricsOf(alarm).some(({ Namespace }) => Namespace === 'AWS/DynamoDB')) return;
    const { Metrics } = alarm.properties;
    const [{ Expression }] = Metrics.filter((m: { Expression?: string }) => m.Expression !== undefined);
    const ids = Metrics.flatMap((m: { Id: string; MetricStat?: object }) => (m.MetricStat ? [m.Id] : []));
    for (const id of ids) expect(Expression).toContain(`FILL(${id}, 0)`);
  });
});

/** Those that the report does not hold by their own name. */
const COUNTED: Readonly<Record<string, RegExp>> = { fromFuture: /rejectedByCode/, freshness: /freshnessMs/ };

test('the metrics of our own that alarms watch are counted by the runtime', () => {
  const counted = readFileSync(`${import.meta.dirname}/../../lambdas/runtime/report.ts`, 'utf8');
  const own = alarms.flatMap(metricsOf).filter(({ Namespace }) => Namespace === NAMESPACE);
  const keys = Object.entries(METRICS).filter(([, name]) => own.some(({ MetricName }) => MetricName === name));
  expect(keys.map(([key]) => key)).toEqual(['fromFuture', 'blockedKeys', 'brokenBatches', 'freshness']);
  for (const [key] of keys) expect(counted).toMatch(COUNTED[key] ?? `${key}: number;`);
});

describe('what each alarm is about', () => {
  const alarm = (name: string) => templates.one('AWS::CloudWatch::Alarm', `ProfilesAlarms/${name}/Resource`);
  const watched = (name: string) => {
    const [metric] = metricsOf(alarm(name));
    return templates.readable('stateless', metric?.Dimensions?.[0]?.Value);
  };

  test.each([
    ['DeadLetters', '<ProfilesDeadLetters/Queue.QueueName>'],
    ['OnFailure', '<ProfilesOnFailureQueue.QueueName>'],
    ['IteratorAgeWarning', '<Profiles/Function/Resource>'],
    ['Dropped', '<Profiles/Mapping>'],
  ])('%s watches %s', (name, resource) => expect(watched(name)).toBe(resource));

  test('lag is measured at its worst, in milliseconds, against the settings', () => {
    for (const [name, minutes] of [
      ['IteratorAgeWarning', 5],
      ['IteratorAgeCritical', 60],
    ] as const) {
      expect(alarm(name).properties).toMatchObject({
        Statistic: 'Maximum',
        Threshold: minutes * 60_000,
        ComparisonOperator: 'GreaterThanThreshold',
      });
    }
  });

  test('the time left counts from the retention of the stream, and silence does not end the alarm', () => {
    const { properties } = alarm('TimeLeft');
    expect(properties).toMatchObject({
      Threshold: 72,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'ignore',
    });
    const [expression] = properties.Metrics.filter((m: { Expression?: string }) => m.Expression !== undefined);
    expect(expression.Expression).toBe('168 - age / 3600000');
    expect(expression.ReturnData ?? true).toBe(true);
  });

  test('the time left follows a longer retention', () => {
    const longer = synthesize({ stage: 'prod', retentionDays: '14' });
    const { Metrics } = longer.one('AWS::CloudWatch::Alarm', 'ProfilesAlarms/TimeLeft/Resource').properties;
    expect(Metrics.map((m: { Expression?: string }) => m.Expression)).toContain('336 - age / 3600000');
  });

  test('one dead letter is enough', () => {
    for (const name of ['DeadLetters', 'OnFailure', 'Dropped', 'BrokenBatches']) {
      expect(alarm(name).properties).toMatchObject({ Threshold: 0, EvaluationPeriods: 1, DatapointsToAlarm: 1 });
    }
  });
});

describe('the freshness objective', () => {
  const minutes = (templatesOf: typeof templates, id: string) => {
    const { properties } = templatesOf.one('AWS::CloudWatch::Alarm', `ProfilesAlarms/${id}/Resource`);
    return [properties.DatapointsToAlarm, properties.EvaluationPeriods];
  };

  test('an hour at 14.4 times and six hours at 6 times the pace that 99 % allow', () => {
    expect(minutes(templates, 'FreshnessBurnFast')).toEqual([9, 60]);
    expect(minutes(templates, 'FreshnessBurnSlow')).toEqual([22, 360]);
  });

  test('follows its settings', () => {
    const lax = synthesize({ stage: 'prod', freshnessPercent: 95, freshnessSeconds: 10 });
    expect(minutes(lax, 'FreshnessBurnFast')).toEqual([44, 60]);
    expect(JSON.stringify(lax.stateless)).toContain('FILL(freshness, 0) > 10000 OR FILL(age, 0) > 10000');
  });

  test('is not watched where arrival times are of the past', () => {
    const replay = synthesize({ stage: 'prod', replayMode: true });
    expect(replay.resources('AWS::CloudWatch::Alarm').filter(({ path }) => path.includes('Freshness'))).toEqual([]);
  });
});

test('what a stage has costs less than five dollars a month in alarms, and no dashboard beyond the free ones', () => {
  const metrics = alarms.flatMap(metricsOf).length;
  expect(0.1 * metrics + 0.5 * composites.length).toBeLessThan(5);
  expect(templates.resources('AWS::CloudWatch::Dashboard').map(nameOf).sort()).toEqual([
    'Overview/Dashboard',
    'ProfilesDashboard/Dashboard',
    'QueryDashboard/Dashboard',
  ]);
});

test('saved queries are found by their names in an output', () => {
  const names = templates.resources('AWS::Logs::QueryDefinition').map(({ properties }) => properties.Name);
  expect(names.length).toBeGreaterThan(3);
  expect(templates.stateless.Outputs?.ProfilesLogQueries?.Value).toBe(names.join('; '));
});

test('a stream of somebody else has no hot-shard alarm: nobody here knows its shards', () => {
  const clicks = { arn: 'arn:aws:kinesis:us-east-1:111111111111:stream/clicks', retentionHours: 168 };
  const theirs = synthesize({ stage: 'prod', existingStreams: { shop: clicks } });
  const hot = theirs.resources('AWS::CloudWatch::Alarm').filter(({ path }) => path.includes('HotShard'));
  expect(hot.map(nameOf)).toEqual(['ProfileUpdatesStreamAlarms/HotShard']);
});

test('an existing topic takes the place of our own', () => {
  const arn = 'arn:aws:sns:eu-central-1:111111111111:on-call';
  const existing = synthesize({ stage: 'prod', alarmTopicArn: arn });
  expect(existing.resources('AWS::SNS::Topic')).toEqual([]);
  for (const { properties } of [
    ...existing.resources('AWS::CloudWatch::Alarm'),
    ...existing.resources('AWS::CloudWatch::CompositeAlarm'),
  ])
    expect(properties.AlarmActions).toEqual([arn]);
});

test('the dashboard shows every metric of a processor that has a meaning of its own', () => {
  const { properties } = templates.one('AWS::CloudWatch::Dashboard', 'ProfilesDashboard/Dashboard/Resource');
  const body = templates.readable('stateless', properties.DashboardBody);
  const { records, ...shown } = METRICS;
  for (const name of Object.values(shown))
    expect(body).toContain(`"${NAMESPACE}","${name}","${METRIC_DIMENSION}","profiles"`);
  for (const percentile of ['p50', 'p99']) expect(body).toContain(`"stat":"${percentile}"`);
  expect(records).toBe('Records');
});
