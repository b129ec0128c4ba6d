import { counted, seconds, table } from '../cli/format.ts';
import type { Account } from './account.ts';
import type { Evidence } from './evidence.ts';

/** What a chaos run comes to. */
export interface ChaosReport {
  readonly seed: number;
  readonly account: Account;
  readonly evidence: readonly Evidence[];
  /** Everything that is not as it must be: of the account, of the faults, of the run itself. */
  readonly mismatches: readonly string[];
  readonly elapsedMs: number;
}

/** Mismatches that are printed; more of them say no more. */
const SHOWN = 20;

/** What `--json` prints; a contract. */
export function jsonReport({ seed, account, evidence, mismatches, elapsedMs }: ChaosReport): object {
  const { mismatches: _, ...figures } = account;
  return {
    seed,
    ...figures,
    faults: Object.fromEntries(evidence.map(({ fault, injected, bit }) => [fault, { injected, bit }])),
    mismatches,
    elapsedMs,
  };
}

/** The account and the faults, for people. */
export function describeReport({ seed, account, evidence, elapsedMs }: ChaosReport): string {
  const { effects } = account;
  const rejected = Object.values(account.rejected).reduce((sum, count) => sum + count, 0);
  const lines: readonly (readonly [string, number, string])[] = [
    ['Sent', account.sent, 'records, repeats and garbage included'],
    ['In the stream', account.records, 'records: answers that were lost made producers put some again'],
    ['Applied', account.applied, 'events, each once'],
    ['Duplicates', account.duplicates, 'further copies of them'],
    ['Rejected', rejected, 'records, in the dead-letter queue'],
    ['On failure', account.onFailure, 'records that Lambda gave up'],
    ['Lost', account.lost, 'events'],
    ['Twice', account.twice, 'events'],
    ['Unaccounted', account.unaccounted, 'records'],
    ['Rows', account.rows, 'as the oracle has them, each with the state after its last event'],
    ['Commits', effects.commits, `${counted(effects.due)} with an update to publish, the others of repeats alone`],
    ['Updates', effects.published, `in their stream, repeats included; ${counted(effects.missing)} missing`],
  ];
  const faults = evidence.map(({ fault, injected, bit, seenAs }) => [fault, counted(injected), counted(bit), seenAs]);
  return [
    `Chaos with seed ${seed}, in ${seconds(elapsedMs)}`,
    '',
    ...lines.map(([name, count, note]) => `  ${name.padEnd(14)}${counted(count).padStart(9)}  ${note}`),
    '',
    table(['Fault', 'Injected', 'Bit', 'Seen as'], faults),
  ].join('\n');
}

/** The verdict, with what is wrong if anything is. */
export function describeMismatches({ seed, mismatches }: ChaosReport): string {
  if (mismatches.length === 0) return 'Every event is accounted for';
  const more = mismatches.length > SHOWN ? [`and ${counted(mismatches.length - SHOWN)} more`] : [];
  return [
    `${counted(mismatches.length)} mismatches (npm run chaos -- --seed ${seed} deals the same faults):`,
    ...mismatches.slice(0, SHOWN).map((mismatch) => `  ${mismatch}`),
    ...more,
  ].join('\n');
}
