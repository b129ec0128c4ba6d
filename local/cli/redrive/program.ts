import { type Command, InvalidArgumentError } from 'commander';
import { REJECTION_CODES } from '../../../lambdas/core/rejection.ts';
import { integerFrom, positive } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { RedriveOptions } from './options.ts';

/** Lambda's conditions are its own; dead letters have the reasons that this version knows. */
function collect(reason: string, before: readonly string[]): readonly string[] {
  if (/^\w+$/.test(reason) || (REJECTION_CODES as readonly string[]).includes(reason)) return [...before, reason];
  throw new InvalidArgumentError(
    `Reasons of dead letters are ${REJECTION_CODES.join(', ')}; of discarded batches, conditions such as RetryAttemptsExhausted.`,
  );
}

/** Adds `redrive` to the command line. */
export function addRedrive(
  root: Command,
  output: Output,
  signal: AbortSignal,
  ended: (exitCode: number) => void,
): void {
  root
    .command('redrive')
    .summary('list dead letters and discarded batches, and send them again')
    .description(
      "Lists what lies in a system's dead-letter and on-failure queues, by reason. With --dry-run it says what would happen to each event, with --send it sends what was provably not applied.",
    )
    .argument('[system]', 'its name: profiles (default: the only one that there is)')
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .option('--dry-run', 'say what would happen to each event; sends and removes nothing', false)
    .option('--send', 'send events again, and remove the messages that are done', false)
    .option('--force', 'send as well what cannot be proven not to have been applied: it may count twice', false)
    .option('--strict', "trust rows alone: refuse dead letters whose rows' ids do not reach back to them", false)
    .option('--reason <reason>', 'only messages of this reason (may be repeated)', collect, [])
    .option('--limit <n>', 'take n messages of each queue at most', integerFrom(1), 100_000)
    .option('--rate <n>', 'send n events per second at most', positive, 100)
    .option('--edit <file>', 'put corrected events in the place of those of their dead letters, and take no others')
    .option('--export <file>', 'write dead letters to a new file, to be mended for --edit; sends and removes nothing')
    .option('--queue <url>', "read this queue instead of the system's two")
    .option('--json', 'print JSON: one object an event and a summary, or the listing', false)
    .addHelpText(
      'after',
      `
An edit file holds a line for each letter: {"letter": "ID", "event": {...}}.
Exit codes: 0 nothing failed, 1 something failed and its messages are there still, 2 wrong usage, 130 Ctrl-C: run it again, it goes on.`,
    )
    .action(async (system: string | undefined, options: RedriveOptions, command: Command) => {
      const { dryRun, send } = options;
      if (dryRun && send) command.error('error: --dry-run and --send exclude one another');
      if (options.force && options.strict) command.error('error: --force and --strict exclude one another');
      if (options.export !== undefined && (dryRun || send))
        command.error('error: --export goes with neither --dry-run nor --send');
      if (options.edit !== undefined && !(dryRun || send)) command.error('error: --edit needs --dry-run or --send');
      const { redrive } = await import('./command.ts');
      ended(await redrive(system, options, output, signal));
    });
}
