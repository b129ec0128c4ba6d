import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Output } from '../output.ts';
import type { TailCommandOptions } from './command.ts';
import { ConditionError, conditionOf } from './filter.ts';
import type { TailStart } from './lineage.ts';

/** Adds `tail` to the command line. */
export function addTail(root: Command, output: Output, signal: AbortSignal, ended: (exitCode: number) => void): void {
  root
    .command('tail')
    .summary('show the events of a stream as they arrive')
    .description(
      'Shows the events of all shards of a stream as they arrive: time, subject, type and a summary. Personal data is masked.',
    )
    .argument('<stream>', 'its logical name: shop, profile-updates')
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .addOption(
      new Option('--from <place>', 'horizon (all that the stream keeps), now, or a time in RFC 3339')
        .argParser(startOf)
        .default({ kind: 'now' } satisfies TailStart, 'now'),
    )
    .option('--type <pattern>', 'only events of this type, * stands for anything (may be repeated)', collect, [])
    .option('--key <subject>', 'only events of this subject (may be repeated)', collect, [])
    .option(
      '--where <condition>',
      'only events of which this holds: data.quantity>1 (repeated: all must)',
      collectConditions,
      [],
    )
    .option('--limit <n>', 'end after n events', positiveInteger)
    .option('--json', 'print NDJSON: position, arrival and event', false)
    .option('--unmask', 'show personal data', false)
    .addHelpText(
      'after',
      `
Conditions: a path alone holds if it is there; operators are = != > >= < <=; lists on the way are looked through.
Whoever is masked has the same stand-in throughout a run (#3fa2c1), and another one in the next.
Exit codes: 0 ended by Ctrl-C, --limit or its reader, 1 the stream cannot be read, 2 wrong usage.`,
    )
    .action(async (stream: string, options: TailCommandOptions) => {
      const { tail } = await import('./command.ts');
      ended(await tail(stream, options, output, signal));
    });
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function collectConditions(value: string, before: readonly string[]): readonly string[] {
  try {
    conditionOf(value);
  } catch (error) {
    throw error instanceof ConditionError ? new InvalidArgumentError(`${error.message}.`) : error;
  }
  return collect(value, before);
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function startOf(text: string): TailStart {
  if (text === 'horizon' || text === 'now') return { kind: text };
  const timestampMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timestampMs)) {
    throw new InvalidArgumentError('It must be horizon, now, or a time such as 2026-11-01T12:00:00Z.');
  }
  if (timestampMs > Date.now()) throw new InvalidArgumentError('It must not lie in the future.');
  return { kind: 'time', timestampMs };
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be an integer of 1 or more.');
}
