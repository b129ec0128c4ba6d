import { counted, plural, seconds } from '../format.ts';
import { describeProfile } from '../profiles/show.ts';
import type { Outcome } from './outcome.ts';
import { deadLetterCount } from './tally.ts';

/** What `--json` prints; a contract. `ignored` and `notSent` are there only if they are not zero. */
export interface JsonReport {
  readonly sent: number;
  readonly applied: number;
  readonly duplicates: number;
  /** By rejection code. */
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly ignored?: number;
  readonly notSent?: number;
  readonly rows: number;
  readonly puts: number;
  readonly putsBound: number;
  /** Of the state table, its indexes and the checkpoints. */
  readonly writeUnits: number;
  /** null if nothing was committed. */
  readonly freshnessMs: { readonly p50: number | null; readonly p99: number | null };
  readonly elapsedMs: number;
}

export function jsonReport(outcome: Outcome): JsonReport {
  const { sent, notSent, tally, rows, puts, writeUnits, freshnessMs, elapsedMs } = outcome;
  return {
    sent,
    applied: tally.applied,
    duplicates: tally.duplicates,
    deadLetters: tally.deadLetters,
    ...(tally.ignored > 0 ? { ignored: tally.ignored } : {}),
    ...(notSent > 0 ? { notSent } : {}),
    rows,
    puts,
    putsBound: tally.putsBound,
    writeUnits: writeUnits.base + writeUnits.indexes + writeUnits.checkpoints,
    freshnessMs: { p50: freshnessMs.p50 ?? null, p99: freshnessMs.p99 ?? null },
    elapsedMs,
  };
}

/** The summary for people. */
export function describeOutcome(outcome: Outcome, inputName: string): string {
  const { tally, highlights, elapsedMs } = outcome;
  const lines = [...eventLines(outcome), [], ...costLines(outcome)];
  return [
    `Sent ${inputName} through the local cloud in ${seconds(elapsedMs)}.`,
    '',
    ...lines.map(([name = '', value = '', note = '']) => `  ${name.padEnd(14)}${value.padStart(9)}  ${note}`.trimEnd()),
    ...(tally.redelivered > 0
      ? [`  ${counted(tally.redelivered)} events were delivered more than once and counted once.`]
      : []),
    ...(highlights.length > 0 ? ['', `${plural(highlights.length, 'profile')} of ${counted(outcome.rows)}`] : []),
    ...highlights.flatMap(({ why, found }) => ['', `${capital(why)}: ${describeProfile(found)}`]),
  ].join('\n');
}

type Cells = readonly string[];

function eventLines({ sent, notSent, tally }: Outcome): readonly Cells[] {
  return [
    ['Sent', counted(sent), 'events'],
    ...(notSent > 0 ? [['Not sent', counted(notSent), 'events of the input, named above']] : []),
    ['Applied', counted(tally.applied)],
    ['Duplicates', counted(tally.duplicates)],
    ...(tally.ignored > 0 ? [['Ignored', counted(tally.ignored), 'meant for other processors']] : []),
    ['Dead letters', counted(deadLetterCount(tally))],
    ...Object.entries(tally.deadLetters).map(([code, count]) => ['', counted(count), code]),
  ];
}

function costLines({ sent, tally, rows, puts, writeUnits, freshnessMs }: Outcome): readonly Cells[] {
  const { base, indexes, checkpoints } = writeUnits;
  const perEvent = sent > 0 ? `, ${(puts / sent).toFixed(3)} per event` : '';
  const { p50, p99 } = freshnessMs;
  return [
    ['Rows', counted(rows), 'in the profiles table'],
    ['Puts', counted(puts), `${counted(tally.putsBound)} is the bound: distinct keys per batch${perEvent}`],
    [
      'Write units',
      counted(base + indexes + checkpoints),
      `${counted(base)} for rows, ${counted(indexes)} for the index, ${counted(checkpoints)} for checkpoints`,
    ],
    [
      'Freshness',
      '',
      p50 === undefined || p99 === undefined ? '-' : `p50 ${seconds(p50)}, p99 ${seconds(p99)} from stream to row`,
    ],
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
