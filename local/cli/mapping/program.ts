import type { Command } from 'commander';
import type { Output } from '../output.ts';
import type { Switch } from './change.ts';
import type { MappingOptions } from './command.ts';

/** Adds `pause` and `resume` to the command line. */
export function addMapping(
  root: Command,
  output: Output,
  signal: AbortSignal,
  ended: (exitCode: number) => void,
): void {
  const add = (to: Switch, summary: string, description: string): void => {
    root
      .command(to)
      .summary(summary)
      .description(description)
      .argument('<system>', 'its name: profiles')
      .option(
        '--stage <name>',
        'local: the local cloud that is up; others: in AWS, by your credentials and region',
        'local',
      )
      .option('--json', 'print the result as one JSON object', false)
      .addHelpText('after', '\nDoing it twice changes nothing. Exit codes: 0 it is so, 1 it failed, 2 wrong usage.')
      .action(async (system: string, options: MappingOptions) => {
        const { switchMapping } = await import('./command.ts');
        ended(await switchMapping(to, system, options, output, signal));
      });
  };
  add(
    'pause',
    'stop a system from reading its stream, and say how long nothing is lost',
    'Disables the event source mapping of a system, waits until it is disabled, and says when its unread events begin to expire.',
  );
  add(
    'resume',
    'let a paused system go on where it stopped',
    'Enables the event source mapping of a system and waits until it is enabled.',
  );
}
