import type { Command } from 'commander';
import type { Output } from '../output.ts';
import type { StatusOptions } from './command.ts';

/** Adds `status` to the command line. */
export function addStatus(root: Command, output: Output, signal: AbortSignal, ended: (exitCode: number) => void): void {
  root
    .command('status')
    .summary('show how a stage is: alarms, lag, dead letters, streams')
    .description(
      'Shows what is in ALARM with what to do first, how far each system is behind and when its unread events expire, and what waits in queues.',
    )
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .option('--watch', 'look again every 10 s until Ctrl-C', false)
    .option('--json', 'print one JSON object a look', false)
    .addHelpText(
      'after',
      '\nExit codes: 2 something is in ALARM, 1 a part could not be read, 0 neither. With --watch: of the last look. Wrong usage is 2 as well.',
    )
    .action(async (options: StatusOptions) => {
      const { status } = await import('./command.ts');
      ended(await status(options, output, signal));
    });
}
