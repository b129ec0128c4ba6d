import { MEASURED, putsPerEvent } from './measured.ts';
import { HOURS_PER_MONTH, PRICES, SECONDS_PER_MONTH } from './prices.ts';

/** What a stage is asked to take, all day and night. */
export interface Load {
  readonly eventsPerSecond: number;
  readonly eventBytes: number;
}

/** The settings of a stage that decide what a load costs. */
export interface LoadSettings {
  readonly streamMode: 'provisioned' | 'on-demand';
  readonly shards?: number | undefined;
  readonly retentionDays: number;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly parallelizationFactor?: number | undefined;
  readonly memoryMb: number;
}

/** Something on the bill of a month. */
export interface CostLine {
  readonly what: string;
  readonly usd: number;
  /** The arithmetic, for people. */
  readonly how: string;
}

/** How a load runs through a stage. */
export interface Flow {
  readonly shards: number;
  readonly lanes: number;
  /** Events that a batch holds on average, 1 at least. */
  readonly batch: number;
  readonly putsPerEvent: number;
  readonly putsPerSecond: number;
  readonly writeUnitsPerSecond: number;
  readonly invocationsPerSecond: number;
}

/** What a shard takes in a second. */
export const SHARD = { records: 1_000, bytes: 1_000_000 } as const;
/** Lambda's most, and the default of a stage. */
export const MOST_LANES_PER_SHARD = 10;
/** With which a stream on demand begins. */
const LEAST_SHARDS_ON_DEMAND = 4;
const FIRST_DAYS = 1;
/** Memory at which Lambda gives a whole CPU (Developer Guide, "Configure Lambda function memory"). */
const MB_PER_CPU = 1_769;
const KB = 1_024;
const MILLION = 1e6;

/** Shards without head-room. */
export const shardsFor = ({ eventsPerSecond, eventBytes }: Load): number =>
  Math.max(1, Math.ceil(eventsPerSecond / SHARD.records), Math.ceil((eventsPerSecond * eventBytes) / SHARD.bytes));

/** How a load is cut into batches: each lane gets its share of what arrives in a window. */
export function flowOf(load: Load, shards: number, settings: LoadSettings): Flow {
  const { eventsPerSecond } = load;
  const lanes = shards * (settings.parallelizationFactor ?? MOST_LANES_PER_SHARD);
  const arrived = (eventsPerSecond / lanes) * Math.max(1, settings.batchingWindowSeconds);
  const batch = Math.max(1, Math.min(settings.batchSize, arrived));
  const puts = putsPerEvent(batch);
  const invocationsPerSecond = eventsPerSecond / batch;
  const unitsPerEvent = puts * MEASURED.writeUnitsPerPut + MEASURED.indexUnitsPerEvent;
  return {
    shards,
    lanes,
    batch,
    putsPerEvent: puts,
    putsPerSecond: eventsPerSecond * puts,
    // A checkpoint of one unit for each invocation.
    writeUnitsPerSecond: eventsPerSecond * unitsPerEvent + invocationsPerSecond,
    invocationsPerSecond,
  };
}

/** Shards of each stream under the load: as many as it needs, and no fewer than the stage has. */
export function shardsUnder(load: Load, { streamMode, shards = 1 }: LoadSettings): number {
  return Math.max(shardsFor(load), streamMode === 'provisioned' ? shards : LEAST_SHARDS_ON_DEMAND);
}

/** What a load adds to the bill of a month, beside what an idle stage costs, the dearest first. */
export function loadCost(load: Load, settings: LoadSettings): readonly CostLine[] {
  const flow = flowOf(load, shardsUnder(load, settings), settings);
  const lines = [
    ...streamLines(load, flow, settings),
    ...tableLines(load, flow),
    ...functionLines(load, flow, settings),
  ];
  return lines.filter(({ usd }) => usd > 0).toSorted((a, b) => b.usd - a.usd);
}

const millionsPerMonth = (perSecond: number): number => (perSecond * SECONDS_PER_MONTH) / MILLION;

function streamLines(load: Load, flow: Flow, settings: LoadSettings): readonly CostLine[] {
  const { eventsPerSecond, eventBytes } = load;
  const { putsPerSecond, shards } = flow;
  const isKept = settings.retentionDays > FIRST_DAYS;
  if (settings.streamMode === 'provisioned') {
    const further = Math.max(0, shards - (settings.shards ?? 1));
    const hour = PRICES.shardHour.usd + (isKept ? PRICES.extendedShardHour.usd : 0);
    const units = eventsPerSecond * Math.ceil(eventBytes / (25 * KB)) + putsPerSecond;
    return [
      {
        what: 'Kinesis: further shards',
        usd: 2 * further * HOURS_PER_MONTH * hour,
        how: `${further} more for each of two streams than the stage has`,
      },
      {
        what: 'Kinesis: records in',
        usd: millionsPerMonth(units) * PRICES.putUnit.usd,
        how: 'an event, and an update for each put, in units of 25 KB',
      },
    ];
  }
  const kbIn = eventsPerSecond * Math.ceil(eventBytes / KB) + putsPerSecond * Math.ceil(MEASURED.updateBytes / KB);
  const kept = isKept ? Math.min(settings.retentionDays, 7) - FIRST_DAYS : 0;
  const gbKept = (kbIn * KB * kept * 86_400) / KB ** 3;
  return [
    {
      what: 'Kinesis: records in',
      usd: millionsPerMonth(kbIn) * PRICES.onDemandIn.usd,
      how: 'an event, and an update for each put, in whole KB',
    },
    {
      what: 'Kinesis: records out',
      usd: millionsPerMonth(eventsPerSecond * Math.ceil(eventBytes / KB)) * PRICES.onDemandOut.usd,
      how: 'one consumer of the events',
    },
    {
      what: 'Kinesis: kept beyond a day',
      usd: gbKept * PRICES.extendedGbMonth.usd,
      how: `${kept} days of what comes in`,
    },
  ];
}

function tableLines({ eventsPerSecond }: Load, flow: Flow): readonly CostLine[] {
  const { putsPerSecond, invocationsPerSecond } = flow;
  return [
    {
      what: 'DynamoDB: rows written',
      usd:
        millionsPerMonth(putsPerSecond * MEASURED.writeUnitsPerPut + eventsPerSecond * MEASURED.indexUnitsPerEvent) *
        PRICES.writeUnit.usd,
      how: `${flow.putsPerEvent.toFixed(3)} puts per event of ${MEASURED.writeUnitsPerPut} units, indexes included`,
    },
    {
      what: 'DynamoDB: checkpoints written',
      usd: millionsPerMonth(invocationsPerSecond) * PRICES.writeUnit.usd,
      how: `one for each batch of ${flow.batch.toFixed(1)} events`,
    },
    {
      what: 'DynamoDB: rows read',
      usd: millionsPerMonth(putsPerSecond * MEASURED.readUnitsPerPut) * PRICES.readUnit.usd,
      how: 'one for each put, eventually consistent',
    },
  ];
}

function functionLines({ eventsPerSecond }: Load, flow: Flow, { memoryMb }: LoadSettings): readonly CostLine[] {
  const { invocationsPerSecond } = flow;
  const cpuShare = Math.min(1, memoryMb / MB_PER_CPU);
  const gbSeconds = (eventsPerSecond * MEASURED.cpuMicrosPerEvent * (memoryMb / KB)) / MILLION / cpuShare;
  const logGb = (invocationsPerSecond * MEASURED.logBytesPerInvocation * SECONDS_PER_MONTH) / KB ** 3;
  return [
    {
      what: 'Lambda: requests',
      usd: millionsPerMonth(invocationsPerSecond) * PRICES.lambdaRequest.usd,
      how: `one for each batch of ${flow.batch.toFixed(1)} events`,
    },
    {
      what: 'Lambda: compute, at least',
      usd: gbSeconds * SECONDS_PER_MONTH * PRICES.lambdaGbSecond.usd,
      how: `CPU alone, ${MEASURED.cpuMicrosPerEvent} µs per event; waiting for DynamoDB comes on top and was not measured on AWS`,
    },
    {
      what: 'CloudWatch: logs',
      usd: logGb * PRICES.logGb.usd,
      how: `${MEASURED.logBytesPerInvocation} bytes for each invocation`,
    },
  ];
}
