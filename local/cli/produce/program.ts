import { type Command, Option } from 'commander';
import { integerFrom, positive } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { ProduceOptions } from './produce.ts';

export function addProduce(
  root: Command,
  output: Output,
  signal: AbortSignal,
  ended: (exitCode: number) => void,
): void {
  root
    .command('produce')
    .summary('send events of a file to a stream')
    .description(
      'Sends events to a stream at full speed, in the order of each subject, packed and judged as the producer library does it.',
    )
    .argument('<file>', 'NDJSON of CloudEvents, - for standard input')
    .addOption(new Option('--stream <name>', 'the stream, by its logical name').default('shop'))
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .option('--limit <n>', 'send n events at most', integerFrom(1))
    .option('--rate <n>', 'send n events per second (default: as fast as the stream takes them)', positive)
    .option('--from-line <n>', 'pass over the lines before, as after an interruption', integerFrom(1), 1)
    .option('--gzip', 'compress records', false)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 all is in the stream, 1 events are bad or not in it, 2 wrong usage, 130 Ctrl-C: what was read is still sent, or named.',
    )
    .action(async (file: string, options: ProduceOptions) => {
      const { produce } = await import('./produce.ts');
      ended(await produce(file, options, output, signal));
    });
}
