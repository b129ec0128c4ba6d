import type { Reading } from './emulators/service.ts';
import type { Ran } from './measured/host.ts';

/** Sums over one run of a variant. */
export interface Measurement {
  readonly events: number;
  /** Distinct keys of each batch, summed: the least number of puts possible. */
  readonly distinctKeys: number;
  readonly cpuMicros: number;
  readonly elapsedMs: number;
  /** HTTP requests to DynamoDB and Kinesis. */
  readonly requests: number;
  /** Puts of rows that were accepted. */
  readonly puts: number;
  /** Accepted writes that are no rows: checkpoints, or records of idempotency. */
  readonly sideWrites: number;
  /** Write units of rows, without those of their indexes. */
  readonly rowUnits: number;
  readonly sideUnits: number;
  readonly indexUnits: number;
  readonly readUnits: number;
  /** Writes that their condition refused: puts of rows alone. */
  readonly conflicts: number;
  /** Events published. */
  readonly effects: number;
  /** Bytes of each row put. */
  readonly rowBytes: readonly number[];
}

/** Readings of what a variant uses, in the order of {@link Resources}: rows, what it needs besides, stream. */
export type Readings = readonly [rows: Reading, side: Reading, stream: Reading];

export function measurementOf(
  { cpuMicros, elapsedMs }: Ran,
  load: { readonly events: number; readonly distinctKeys: number },
  before: Readings,
  after: Readings,
): Measurement {
  const [rows, side] = [writesBetween(before[0], after[0]), writesBetween(before[1], after[1])];
  const asked = after.map((reading) => reading.asked);
  return {
    ...load,
    cpuMicros,
    elapsedMs,
    requests: asked.reduce((sum, { requests }) => sum + requests, 0),
    puts: rows.accepted,
    sideWrites: side.accepted,
    rowUnits: rows.units,
    sideUnits: side.units,
    indexUnits: rows.indexUnits,
    readUnits: asked.reduce((sum, { readUnits }) => sum + readUnits, 0),
    conflicts: rows.conflicts,
    effects: after[2].asked.records,
    rowBytes: after[0].asked.rowBytes,
  };
}

function writesBetween({ writes: before }: Reading, { writes: after }: Reading) {
  const indexUnits = after.indexWriteUnits - before.indexWriteUnits;
  return {
    accepted: after.puts + after.updates - before.puts - before.updates,
    units: after.writeUnits - before.writeUnits - indexUnits,
    indexUnits,
    conflicts: after.conditionFailures - before.conditionFailures,
  };
}

/** What a variant takes for one event. */
export interface PerEvent {
  readonly eventsPerSecond: number;
  readonly cpuMicrosPerEvent: number;
  readonly requestsPerEvent: number;
  readonly putsPerEvent: number;
  readonly sideWritesPerEvent: number;
  /** Of rows and what is written besides, without indexes. */
  readonly writeUnitsPerEvent: number;
  readonly indexWriteUnitsPerEvent: number;
  readonly readUnitsPerEvent: number;
  readonly versionConflictsPerEvent: number;
  readonly effectsPerEvent: number;
  /** Write units of one put of a row, without indexes. */
  readonly writeUnitsPerPut: number;
}

/** Medians of what time decides, means of what is counted. */
export function perEvent(runs: readonly Measurement[]): PerEvent {
  const total = (of: (run: Measurement) => number): number => runs.reduce((sum, run) => sum + of(run), 0);
  const events = total((run) => run.events);
  const puts = total((run) => run.puts);
  const each = (of: (run: Measurement) => number): number => total(of) / events;
  return {
    eventsPerSecond: median(runs.map((run) => (run.events * 1000) / run.elapsedMs)),
    cpuMicrosPerEvent: median(runs.map((run) => run.cpuMicros / run.events)),
    requestsPerEvent: each((run) => run.requests),
    putsPerEvent: puts / events,
    sideWritesPerEvent: each((run) => run.sideWrites),
    writeUnitsPerEvent: each((run) => run.rowUnits + run.sideUnits),
    indexWriteUnitsPerEvent: each((run) => run.indexUnits),
    readUnitsPerEvent: each((run) => run.readUnits),
    versionConflictsPerEvent: each((run) => run.conflicts),
    effectsPerEvent: each((run) => run.effects),
    writeUnitsPerPut: puts === 0 ? 0 : total((run) => run.rowUnits) / puts,
  };
}

/** The middle of the values, or the mean of the two in the middle. Throws a RangeError if there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('There is no median of no values');
  return (low + high) / 2;
}
