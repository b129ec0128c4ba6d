/** What AWS bills, in US dollars, in us-east-1, without free tiers, discounts and taxes. Every figure about cost comes from here. */

export const PRICE_REGION = 'us-east-1';

export interface Price {
  readonly usd: number;
  /** Unit that it is for. */
  readonly per: string;
  /** Page of AWS that has it. */
  readonly source: string;
  /** Month in which it was compared with that page; absent: from the page's figures as known, not compared again. */
  readonly checked?: string;
}

const KINESIS = 'https://aws.amazon.com/kinesis/data-streams/pricing/';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const KMS = 'https://aws.amazon.com/kms/pricing/';
const NOVEMBER = 'November 2026';

export const PRICES = {
  /** Of a stream on demand. */
  streamHour: { usd: 0.04, per: 'stream and hour', source: KINESIS, checked: NOVEMBER },
  /** A record is rounded up to the next KB. */
  onDemandIn: { usd: 0.076, per: 'million KB in', source: KINESIS, checked: NOVEMBER },
  onDemandOut: { usd: 0.038, per: 'million KB out, for each consumer', source: KINESIS, checked: NOVEMBER },
  shardHour: { usd: 0.015, per: 'shard and hour', source: KINESIS, checked: NOVEMBER },
  /** A record is rounded up to the next 25 KB. */
  putUnit: { usd: 0.014, per: 'million put units', source: KINESIS, checked: NOVEMBER },
  /** Of a provisioned stream that keeps records for more than 24 hours, up to 7 days. */
  extendedShardHour: { usd: 0.02, per: 'shard and hour', source: KINESIS },
  /** Of a stream on demand: what it holds for more than 24 hours, up to 7 days. */
  extendedGbMonth: { usd: 0.1, per: 'GB and month', source: KINESIS },
  /** Of enhanced fan-out, besides what is read. */
  consumerShardHour: { usd: 0.015, per: 'consumer, shard and hour', source: KINESIS },
  writeUnit: { usd: 0.625, per: 'million write units', source: DYNAMODB, checked: NOVEMBER },
  readUnit: { usd: 0.125, per: 'million read units', source: DYNAMODB, checked: NOVEMBER },
  lambdaGbSecond: { usd: 0.0000133334, per: 'GB-second on arm64', source: LAMBDA, checked: NOVEMBER },
  lambdaRequest: { usd: 0.2, per: 'million requests', source: LAMBDA, checked: NOVEMBER },
  logGb: { usd: 0.5, per: 'GB of logs taken in', source: CLOUDWATCH, checked: NOVEMBER },
  /** One that an alarm on an expression watches counts for itself. */
  alarmMetric: { usd: 0.1, per: 'metric of an alarm, and month', source: CLOUDWATCH, checked: NOVEMBER },
  compositeAlarm: { usd: 0.5, per: 'composite alarm and month', source: CLOUDWATCH },
  customMetric: { usd: 0.3, per: 'custom metric and month', source: CLOUDWATCH, checked: NOVEMBER },
  dashboard: { usd: 3, per: 'dashboard and month', source: CLOUDWATCH, checked: NOVEMBER },
  key: { usd: 1, per: 'customer managed key and month', source: KMS, checked: NOVEMBER },
} as const satisfies Readonly<Record<string, Price>>;

/** As AWS's own calculator has it. */
export const HOURS_PER_MONTH = 730;
export const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3_600;
