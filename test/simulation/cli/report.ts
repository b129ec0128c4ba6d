import { MILESTONES } from '../../support/simulate/reached.ts';
import { type Failure, neglected, replayCommand, type Totals, timesDue } from '../../support/simulate.ts';
import type { Arguments } from './arguments.ts';

/** The last line of `--json`. */
export interface JsonReport {
  readonly seeds: number;
  readonly deliveries: number;
  readonly events: number;
  readonly lost: number;
  readonly twice: number;
  readonly unaccounted: number;
  readonly seedsPerSecond: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly reached: Readonly<Record<string, number>>;
  readonly failedSeeds: readonly number[];
}

export function jsonReport(totals: Totals, elapsedMs: number): JsonReport {
  const { seeds, deliveries, events, lost, twice, unaccounted, faults, reached, failures } = totals;
  return {
    seeds,
    deliveries,
    events,
    lost,
    twice,
    unaccounted,
    seedsPerSecond: seedsPerSecond(totals, elapsedMs),
    faults,
    reached,
    failedSeeds: failures.map(({ seed }) => seed),
  };
}

const seedsPerSecond = ({ seeds }: Totals, elapsedMs: number): number =>
  elapsedMs === 0 ? 0 : Math.round((seeds / elapsedMs) * 10_000) / 10;

const number = (value: number): string => value.toLocaleString('en');

/** How far it has come, in one line. */
export const progressLine = (totals: Totals, seeds: number, elapsedMs: number): string =>
  [
    `${number(totals.seeds)} of ${number(seeds)} seeds`,
    `${number(totals.deliveries)} deliveries`,
    `${seedsPerSecond(totals, elapsedMs)} seeds/s`,
    `${totals.failures.length} failed`,
  ].join(', ');

/** What a campaign came to, for people. */
export function textReport(totals: Totals, elapsedMs: number): string {
  const table = (counts: Readonly<Record<string, number>>): readonly string[] =>
    Object.entries(counts).map(([name, count]) => `  ${name.padEnd(24)}${number(count).padStart(12)}`);
  const lines = [
    progressLine(totals, totals.seeds, elapsedMs),
    `${totals.lost} lost, ${totals.twice} twice, ${totals.unaccounted} unaccounted of ${number(totals.events)} events`,
    'Faults that struck:',
    ...table(totals.faults),
    'States come through:',
    ...table(totals.reached),
  ];
  return lines.join('\n');
}

/** A failed seed and how to see it. */
export const failureLines = ({ seed, breaches }: Failure, { system, faults }: Arguments): string =>
  [
    `Seed ${seed} failed:`,
    ...breaches.map(({ kind, message }) => `  ${kind}: ${message}`),
    `  ${replayCommand({ seed, faults: new Set(faults) }, system)}`,
  ].join('\n');

/** Why a campaign proves less than it should; undefined if it does not. */
export function neglectedLine(totals: Totals): string | undefined {
  const names = neglected(totals);
  if (names.length === 0) return undefined;
  const said = names.map((name) => `${name} (${MILESTONES[name]}): ${totals.reached[name] ?? 0}`);
  return `Come through fewer than ${timesDue(totals.seeds)} times, so this proves too little:\n  ${said.join('\n  ')}`;
}
