import type { Command } from 'commander';
import { integerFrom } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { RetainOptions } from './command.ts';

/** Adds `retain` to the command line. */
export function addRetain(root: Command, output: Output, signal: AbortSignal, ended: (exitCode: number) => void): void {
  root
    .command('retain')
    .summary('let a stream keep its records for longer')
    .description(
      'Raises the retention of a stream, which holds at once and for what is in it already. It never lowers it: a deployment does.',
    )
    .argument('<stream>', 'its logical name: shop')
    .requiredOption('--days <n>', 'days to keep records, 365 at most', integerFrom(1, 365))
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', '\nDoing it twice changes nothing. Exit codes: 0 it is so, 1 it failed, 2 wrong usage.')
    .action(async (stream: string, options: RetainOptions) => {
      const { retain } = await import('./command.ts');
      ended(await retain(stream, options, output, signal));
    });
}
