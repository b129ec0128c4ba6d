import type { Command } from 'commander';
import { integerFrom, positive } from '../arguments.ts';
import type { Output } from '../output.ts';

/** Largest record that streams take. */
const MOST_BYTES = 1_048_576;

interface Options {
  readonly eventsPerSecond: number;
  readonly eventBytes: number;
  readonly stage: string;
  readonly json: boolean;
}

/** Adds `cost` to the command line. */
export function addCost(root: Command, output: Output, ended: (exitCode: number) => void): void {
  root
    .command('cost')
    .summary('say what a load would cost in a month, and what dominates')
    .description(
      'Works out what a stage costs under a load, from its settings, list prices and what was measured. Nothing is asked of AWS.',
    )
    .requiredOption('--events-per-second <n>', 'the load, day and night', positive)
    .option('--event-bytes <n>', 'size of an event', integerFrom(1, MOST_BYTES), 1_024)
    .option('--stage <name>', 'whose settings', 'prod')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExit codes: 0 said, 1 there is no such stage, 2 wrong usage.')
    .action(async (options: Options) => {
      const { cost } = await import('./command.ts');
      ended(cost(options, output));
    });
}
