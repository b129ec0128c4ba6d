import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PRICES } from '../cost/prices.ts';
import { functionMetric, processorMetric, streamMetric, tableMetric } from './processor-metrics.ts';
import type { StreamProcessor } from './stream-processor.ts';

const MILLION = 1e6;

/** US dollars for one of each, by the project's list of prices. They make an estimate that shows a trend, not a bill. */
const USD = {
  writeUnit: PRICES.writeUnit.usd / MILLION,
  readUnit: PRICES.readUnit.usd / MILLION,
  gigabyteSecond: PRICES.lambdaGbSecond.usd,
  request: PRICES.lambdaRequest.usd / MILLION,
  onDemandStreamHour: PRICES.streamHour.usd,
  /** Once in, and once out to one consumer. */
  onDemandByte: (PRICES.onDemandIn.usd + PRICES.onDemandOut.usd) / MILLION / 1024,
  shardHour: PRICES.shardHour.usd,
  /** Of up to 25 KB; records here are smaller. */
  putUnit: PRICES.putUnit.usd / MILLION,
} as const;

export interface CostProps {
  readonly processor: StreamProcessor;
  readonly stateTable: ITable;
  readonly checkpointTable: ITable;
  /** Of the function. */
  readonly memoryMb: number;
  /** Shards of a provisioned stream; left out for an on-demand one. */
  readonly shards?: number;
}

/** US dollars for a million applied events: stream, function and tables. Without what is stored, logged and watched. */
export function costPerMillionEvents(props: CostProps): IMetric {
  const { processor, stateTable, checkpointTable, memoryMb, shards } = props;
  const { stream } = processor.source;
  const parts = {
    writes: { metric: tableMetric(stateTable, 'ConsumedWriteCapacityUnits'), usd: USD.writeUnit },
    reads: { metric: tableMetric(stateTable, 'ConsumedReadCapacityUnits'), usd: USD.readUnit },
    checkpoints: { metric: tableMetric(checkpointTable, 'ConsumedWriteCapacityUnits'), usd: USD.writeUnit },
    milliseconds: {
      metric: functionMetric(processor, 'Duration', Stats.SUM),
      usd: (USD.gigabyteSecond * memoryMb) / 1024 / 1000,
    },
    requests: { metric: functionMetric(processor, 'Invocations'), usd: USD.request },
    stream:
      shards === undefined
        ? { metric: streamMetric(stream, 'IncomingBytes'), usd: USD.onDemandByte }
        : { metric: streamMetric(stream, 'IncomingRecords'), usd: USD.putUnit },
  };
  const perMinute = (shards === undefined ? USD.onDemandStreamHour : USD.shardHour * shards) / 60;
  const terms = Object.entries(parts).map(([id, { usd }]) => `FILL(${id}, 0) * ${decimal(usd)}`);
  return new MathExpression({
    label: 'USD per million events',
    expression: `1000000 * (${[...terms, decimal(perMinute)].join(' + ')}) / applied`,
    usingMetrics: {
      ...Object.fromEntries(Object.entries(parts).map(([id, { metric }]) => [id, metric])),
      applied: processorMetric(processor, 'applied'),
    },
    period: Duration.minutes(1),
  });
}

/** Metric math has no exponents. */
const decimal = (usd: number): string => usd.toFixed(18).replace(/0+$/, '');
