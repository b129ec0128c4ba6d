import type { Profiled } from './bench.ts';
import type { Freshness } from './freshness.ts';
import type { BundleResult } from './imports.ts';
import type { PerEvent } from './measurement.ts';
import type { BenchResult, CaseSummary } from './result.ts';
import { TARGETS, verdicts } from './targets.ts';
import { TITLES } from './variants/variant.ts';

type Cells = readonly string[];

/** Columns of a case, by what they say. */
const COLUMNS: readonly (readonly [title: string, cell: (one: PerEvent) => string])[] = [
  ['events/s', (one) => one.eventsPerSecond.toFixed(0)],
  ['CPU µs', (one) => one.cpuMicrosPerEvent.toFixed(1)],
  ['requests', (one) => one.requestsPerEvent.toFixed(3)],
  ['puts', (one) => one.putsPerEvent.toFixed(3)],
  ['other writes', (one) => one.sideWritesPerEvent.toFixed(3)],
  ['write units', (one) => one.writeUnitsPerEvent.toFixed(3)],
  ['of indexes', (one) => one.indexWriteUnitsPerEvent.toFixed(3)],
  ['read units', (one) => one.readUnitsPerEvent.toFixed(3)],
  ['conflicts', (one) => one.versionConflictsPerEvent.toFixed(3)],
  ['effects', (one) => one.effectsPerEvent.toFixed(3)],
];

/** The report for people. */
export function describe({ cases, bundles, freshness }: BenchResult): string {
  return [
    ...cases.map(describeCase),
    describeBundles(bundles),
    describeFreshness(freshness),
    'What the project promises of batches of 500 and Zipf keys',
    ...verdicts({ cases, bundles, freshness }).map(
      ({ target, found, isMet }) => `  ${isMet ? 'met    ' : 'NOT MET'}  ${TARGETS[target]}: ${found}`,
    ),
  ].join('\n');
}

function describeCase({
  keys,
  batch,
  environments,
  distinctKeysPerEvent,
  variants,
  rowsByUnits,
  ratios,
}: CaseSummary): string {
  const heads = ['per event', ...COLUMNS.map(([title]) => title)];
  const rows = [...variants].map(([name, one]) => [TITLES[name], ...COLUMNS.map(([, cell]) => cell(one))]);
  const puts = rowsByUnits.reduce((sum, count) => sum + count, 0);
  const histogram = rowsByUnits.map((count, index) => `${((100 * count) / puts).toFixed(1)} % up to ${index + 1} KB`);
  const { cpuOverBare, powertoolsCpu, powertoolsWriteUnits } = ratios;
  return [
    `${capital(keys)} keys, batches of ${batch}, ${environments} environment${environments === 1 ? '' : 's'}; ${distinctKeysPerEvent.toFixed(3)} distinct keys per event`,
    ...table([heads, ...rows]),
    `  Rows put by Millrace: ${histogram.join(', ')}; ${variants.get('handler')?.writeUnitsPerPut.toFixed(3) ?? '-'} write units each`,
    `  Millrace takes ${times(cpuOverBare)} the CPU of floor + bare puts; Powertools in order takes ${times(powertoolsCpu)} the CPU of Millrace and ${times(powertoolsWriteUnits)} its write units`,
    '',
  ].join('\n');
}

function describeBundles(bundles: readonly BundleResult[]): string {
  const rows = bundles.map((one) => [
    one.function,
    `${one.kilobytes.toFixed(0)} KB`,
    `${one.importMs.toFixed(1)} ms`,
    `${one.bareClientImportMs.toFixed(1)} ms`,
    times(one.importMs / one.bareClientImportMs),
    `${one.bareClientInChunksImportMs.toFixed(1)} ms`,
    times(one.importMs / one.bareClientInChunksImportMs),
  ]);
  return [
    'Bundles',
    ...table([['function', 'size', 'import', 'bare client', 'ratio', 'bare client in chunks', 'ratio'], ...rows]),
    '',
  ].join('\n');
}

const describeFreshness = ({ eventsPerSecond, p50, p99 }: Freshness): string =>
  `Freshness at ${eventsPerSecond} events/s in the local cloud, from stream to row: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms\n`;

/** Most lines of a profile that are shown. */
const PROFILE_LINES = 40;

/** Where the time of a profiled run went. */
export function describeProfile({ events, totalMicros, byPart, byFunction }: Profiled): string {
  const lines = (shares: Profiled['byPart']): readonly Cells[] =>
    shares
      .slice(0, PROFILE_LINES)
      .map(({ where, selfMicros }) => [
        where,
        (selfMicros / events).toFixed(2),
        `${((100 * selfMicros) / totalMicros).toFixed(1)} %`,
      ]);
  return [
    `${(totalMicros / events).toFixed(1)} µs per event, of ${events} events`,
    '',
    ...table([['part', 'µs per event', 'share'], ...lines(byPart)]),
    '',
    ...table([['function', 'µs per event', 'share'], ...lines(byFunction)]),
  ].join('\n');
}

/** Columns of equal width: the first to the left, figures to the right. */
function table(rows: readonly Cells[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`;
  });
}

const times = (ratio: number | undefined): string => (ratio === undefined ? '-' : `${ratio.toFixed(2)} ×`);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
