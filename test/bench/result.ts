import type { Freshness } from './freshness.ts';
import type { BundleResult } from './imports.ts';
import { type Measurement, type PerEvent, perEvent } from './measurement.ts';
import type { Case } from './plan.ts';
import type { CaseResult } from './run.ts';
import type { VariantName } from './variants/variant.ts';

/** A case, summed up. */
export interface CaseSummary extends Case {
  readonly distinctKeysPerEvent: number;
  readonly variants: ReadonlyMap<VariantName, PerEvent>;
  /** Rows that the handler put, by the write units that they cost: index 0 counts rows of up to 1 KB. */
  readonly rowsByUnits: readonly number[];
  readonly ratios: Ratios;
}

/** The handler against what there is to compare it with. Absent where one of both did not take part. */
export interface Ratios {
  /** CPU against floor and bare puts. */
  readonly cpuOverBare?: number;
  /** How many times the CPU and the write units of the handler Powertools take, in order, without or with local cache: the lesser. */
  readonly powertoolsCpu?: number;
  readonly powertoolsWriteUnits?: number;
}

/** Everything that a run found. */
export interface BenchResult {
  readonly cases: readonly CaseSummary[];
  readonly bundles: readonly BundleResult[];
  readonly freshness: Freshness;
}

export function summaryOf({ of, runs }: CaseResult): CaseSummary {
  const taking = [...runs].filter(([, measured]) => measured.length > 0);
  const variants = new Map(taking.map(([name, measured]) => [name, perEvent(measured)]));
  const handled = runs.get('handler') ?? [];
  const all = [...runs.values()].flat();
  return {
    ...of,
    distinctKeysPerEvent: distinctKeysPerEvent(handled.length > 0 ? handled : all),
    variants,
    rowsByUnits: rowsByUnits(handled),
    ratios: ratiosOf(variants),
  };
}

function distinctKeysPerEvent(runs: readonly Measurement[]): number {
  const sum = (of: (run: Measurement) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return sum((run) => run.distinctKeys) / sum((run) => run.events);
}

const UNIT_BYTES = 1024;

function rowsByUnits(runs: readonly Measurement[]): readonly number[] {
  const counts: number[] = [];
  for (const bytes of runs.flatMap((run) => run.rowBytes)) {
    const units = Math.ceil(bytes / UNIT_BYTES);
    while (counts.length < units) counts.push(0);
    counts[units - 1] = (counts[units - 1] ?? 0) + 1;
  }
  return counts;
}

function ratiosOf(variants: ReadonlyMap<VariantName, PerEvent>): Ratios {
  const [handler, bare] = [variants.get('handler'), variants.get('barePuts')];
  const ordered = (['powertoolsOrdered', 'powertoolsOrderedCached'] as const).flatMap(
    (name) => variants.get(name) ?? [],
  );
  if (handler === undefined) return {};
  const least = (of: (one: PerEvent) => number): number => Math.min(...ordered.map(of)) / of(handler);
  return {
    ...(bare === undefined ? {} : { cpuOverBare: handler.cpuMicrosPerEvent / bare.cpuMicrosPerEvent }),
    ...(ordered.length === 0
      ? {}
      : {
          powertoolsCpu: least((one) => one.cpuMicrosPerEvent),
          powertoolsWriteUnits: least((one) => one.writeUnitsPerEvent),
        }),
  };
}

/** What `--json` prints: a contract. Members beyond those of the contract say more of the same run. */
export function jsonOf({ cases, bundles, freshness }: BenchResult): object {
  return {
    cases: cases.map(
      ({ keys, batch, environments, distinctKeysPerEvent: distinct, variants, rowsByUnits, ratios }) => ({
        keys,
        batch,
        environments,
        distinctKeysPerEvent: distinct,
        ...Object.fromEntries(variants),
        rowsByUnits,
        ratios,
      }),
    ),
    bundles,
    freshness,
  };
}
