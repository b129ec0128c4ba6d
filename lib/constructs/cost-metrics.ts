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
  onDemandKilobyteIn: PRICES.onDemandIn.usd / MILLION,
  /** Once in, and once out to one consumer. */
  onDemandKilobyte: (PRICES.onDemandIn.usd + PRICES.onDemandOut.usd) / MILLION,
  /** Of up to 25 KB; records here are smaller. */
  putUnit: PRICES.putUnit.usd / MILLION,
} as const;

export interface CostProps {
  readonly processor: StreamProcessor;
  readonly stateTable: ITable;
  /** Names of the state table's indexes: their units are not among those of the table. */
  readonly indexes: readonly string[];
  readonly checkpointTable: ITable;
  /** Of the function. */
  readonly memoryMb: number;
  /** Shards of a provisioned stream; left out for an on-demand one. */
  readonly shards?: number;
}

/** Something of a sum: an expression of metrics, and what one of it costs. */
interface Term {
  readonly expression: string;
  readonly metrics: Readonly<Record<string, IMetric>>;
  readonly usd: number;
}

/**
 * US dollars for a million applied events: the stream, the records that effects become, function and tables. Without what an
 * on-demand stream and tables store, and without queues, logs and alarms.
 */
export function costPerMillionEvents(props: CostProps): IMetric {
  const terms = [...tableTerms(props), ...functionTerms(props), ...streamTerms(props)];
  const sum = terms.map(({ expression, usd }) => `${expression} * ${decimal(usd)}`);
  return new MathExpression({
    label: 'USD per million events',
    expression: `1000000 * (${[...sum, decimal(perMinute(props))].join(' + ')}) / applied`,
    usingMetrics: Object.assign({ applied: processorMetric(props.processor, 'applied') }, ...terms.map(metricsOf)),
    period: Duration.minutes(1),
  });
}

/** Write units of the state table and its indexes for an applied event. */
export function writeUnitsPerEvent(props: CostProps): IMetric {
  const { expression, metrics } = writeTerm(props);
  return new MathExpression({
    label: 'write units',
    expression: `${expression} / applied`,
    usingMetrics: { ...metrics, applied: processorMetric(props.processor, 'applied') },
    period: Duration.minutes(1),
  });
}

function writeTerm({ stateTable, indexes }: CostProps): Term {
  const metrics = Object.fromEntries([
    ['writes', tableMetric(stateTable, 'ConsumedWriteCapacityUnits')],
    ...indexes.map((name, n) => [`index${n}`, tableMetric(stateTable, 'ConsumedWriteCapacityUnits', name)]),
  ]);
  return { expression: sumOf(metrics), metrics, usd: USD.writeUnit };
}

function tableTerms(props: CostProps): readonly Term[] {
  const { stateTable, checkpointTable } = props;
  const checkpoints = { checkpoints: tableMetric(checkpointTable, 'ConsumedWriteCapacityUnits') };
  const reads = {
    reads: tableMetric(stateTable, 'ConsumedReadCapacityUnits'),
    proofs: tableMetric(checkpointTable, 'ConsumedReadCapacityUnits'),
  };
  return [
    writeTerm(props),
    { expression: sumOf(checkpoints), metrics: checkpoints, usd: USD.writeUnit },
    { expression: sumOf(reads), metrics: reads, usd: USD.readUnit },
  ];
}

function functionTerms({ processor, memoryMb }: CostProps): readonly Term[] {
  const milliseconds = { milliseconds: functionMetric(processor, 'Duration', Stats.SUM) };
  const requests = { requests: functionMetric(processor, 'Invocations') };
  return [
    { expression: sumOf(milliseconds), metrics: milliseconds, usd: (USD.gigabyteSecond * memoryMb) / 1024 / 1000 },
    { expression: sumOf(requests), metrics: requests, usd: USD.request },
  ];
}

/** What comes into the stream, and an output record of up to 1 KB for each effect. */
function streamTerms({ processor, shards }: CostProps): readonly Term[] {
  const { stream } = processor.source;
  const records = { records: streamMetric(stream, 'IncomingRecords') };
  const bytes = { bytes: streamMetric(stream, 'IncomingBytes') };
  const effects = { effects: processorMetric(processor, 'effectsSent') };
  if (shards !== undefined) {
    const metrics = { ...records, ...effects };
    return [{ expression: sumOf(metrics), metrics, usd: USD.putUnit }];
  }
  // Each record is rounded up to a whole KB: the bytes alone would be too few of small ones.
  const kilobytes = `IF(${sumOf(bytes)} / 1024 > ${sumOf(records)}, ${sumOf(bytes)} / 1024, ${sumOf(records)})`;
  return [
    { expression: kilobytes, metrics: { ...bytes, ...records }, usd: USD.onDemandKilobyte },
    { expression: sumOf(effects), metrics: effects, usd: USD.onDemandKilobyteIn },
  ];
}

/** What is paid for the stream while nothing happens. */
function perMinute({ processor, shards }: CostProps): number {
  if (shards === undefined) return PRICES.streamHour.usd / 60;
  const isKept = processor.source.retention.toHours() > 24;
  return (shards * (PRICES.shardHour.usd + (isKept ? PRICES.extendedShardHour.usd : 0))) / 60;
}

const metricsOf = ({ metrics }: Term): Term['metrics'] => metrics;

/** A metric that is silent counts as 0. */
const sumOf = (metrics: Term['metrics']): string => {
  const filled = Object.keys(metrics).map((id) => `FILL(${id}, 0)`);
  return filled.length === 1 ? String(filled[0]) : `(${filled.join(' + ')})`;
};

/** Metric math has no exponents. */
const decimal = (usd: number): string => usd.toFixed(18).replace(/0+$/, '');
