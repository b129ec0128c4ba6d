import type { CostLine } from './load.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';

/** A resource of a synthesized template. */
export interface PricedResource {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever CloudFormation's types are.
  readonly properties: any;
}

/** A resource type that nobody has judged yet: whether it costs something while nothing happens. */
export class UnpricedType extends Error {
  override readonly name = 'UnpricedType';

  constructor(types: readonly string[]) {
    super(
      `lib/cost/idle.ts does not say what ${types.join(', ')} cost while nothing happens: add them to IDLE or to FREE_WHEN_IDLE`,
    );
  }
}

/** What a month of such resources costs by itself. */
type Idle = (resources: readonly PricedResource[]) => readonly CostLine[];

const IDLE: Readonly<Record<string, Idle>> = {
  'AWS::Kinesis::Stream': streams,
  'AWS::Kinesis::StreamConsumer': (consumers) => [
    {
      what: 'Kinesis: enhanced fan-out',
      usd: consumers.length * HOURS_PER_MONTH * PRICES.consumerShardHour.usd,
      how: `${consumers.length} consumers of at least one shard`,
    },
  ],
  'AWS::KMS::Key': (keys) => [line('KMS: keys', keys.length, PRICES.key.usd)],
  'AWS::CloudWatch::Alarm': (alarms) => [
    line('CloudWatch: metrics of alarms', sum(alarms.map(metricsOf)), PRICES.alarmMetric.usd),
  ],
  'AWS::CloudWatch::CompositeAlarm': (alarms) => [
    line('CloudWatch: composite alarms', alarms.length, PRICES.compositeAlarm.usd),
  ],
  'AWS::CloudWatch::Dashboard': (dashboards) => [
    line('CloudWatch: dashboards', dashboards.length, PRICES.dashboard.usd),
  ],
};

/** Billed by use, by what they hold, or not at all. */
const FREE_WHEN_IDLE: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Budgets::Budget',
  'AWS::CDK::Metadata',
  'AWS::DynamoDB::Table',
  'AWS::EC2::SecurityGroup',
  'AWS::Glue::Registry',
  'AWS::Glue::Schema',
  'AWS::Glue::SchemaVersion',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::Kinesis::ResourcePolicy',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::QueryDefinition',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);

/**
 * What a month of a stage costs in which nothing happens, the dearest first.
 *
 * @throws UnpricedType for a resource type that is neither priced nor known to be free.
 */
export function idleMonth(resources: readonly PricedResource[]): readonly CostLine[] {
  const unknown = new Set(
    resources.map(({ type }) => type).filter((type) => !(type in IDLE) && !FREE_WHEN_IDLE.has(type)),
  );
  if (unknown.size > 0) throw new UnpricedType([...unknown]);
  return Object.entries(IDLE)
    .flatMap(([type, price]) => {
      const found = resources.filter((resource) => resource.type === type);
      return found.length === 0 ? [] : price(found);
    })
    .filter(({ usd }) => usd > 0)
    .toSorted((a, b) => b.usd - a.usd);
}

function streams(found: readonly PricedResource[]): readonly CostLine[] {
  const onDemand = found.filter(({ properties }) => properties.StreamModeDetails?.StreamMode === 'ON_DEMAND');
  const shards = (of: readonly PricedResource[]): number =>
    sum(of.filter((one) => !onDemand.includes(one)).map(({ properties }) => Number(properties.ShardCount ?? 1)));
  const kept = found.filter(({ properties }) => Number(properties.RetentionPeriodHours ?? 24) > 24);
  return [
    line('Kinesis: streams on demand', onDemand.length, HOURS_PER_MONTH * PRICES.streamHour.usd),
    line('Kinesis: shards', shards(found), HOURS_PER_MONTH * PRICES.shardHour.usd),
    line(
      'Kinesis: shards that keep records beyond a day',
      shards(kept),
      HOURS_PER_MONTH * PRICES.extendedShardHour.usd,
    ),
  ];
}

/** An alarm on an expression is billed for each metric in it. */
const metricsOf = ({ properties }: PricedResource): number =>
  properties.Metrics === undefined
    ? 1
    : properties.Metrics.filter((query: { readonly MetricStat?: object }) => query.MetricStat !== undefined).length;

const line = (what: string, count: number, usdEach: number): CostLine => ({
  what,
  usd: count * usdEach,
  how: `${count} at ${usdEach.toFixed(2)}`,
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of cost lines. */
export const totalOf = (lines: readonly CostLine[]): number => sum(lines.map(({ usd }) => usd));
