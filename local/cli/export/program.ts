import { type Command, Option } from 'commander';
import { LISTED_SEGMENTS } from '../../../lambdas/systems/profiles/segment.ts';
import { positive } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { ExportOptions } from './command.ts';

/** Adds `profile export` to the command line. */
export function addExport(
  profile: Command,
  output: Output,
  signal: AbortSignal,
  ended: (exitCode: number) => void,
): void {
  profile
    .command('export')
    .description('write profiles as CSV, NDJSON or Parquet for other tools')
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'ndjson', 'parquet']).makeOptionMandatory())
    .option('--out <file>', 'where to (default: standard output; Parquet needs a file)')
    .addOption(
      new Option('--segment <segment>', 'only the profiles of this spend segment, by the index').choices(
        LISTED_SEGMENTS,
      ),
    )
    .option('--rate <units>', 'read units a second at most (default: no limit)', positive)
    .option('--personal', 'also what tells of a person: the id, the cart, the products', false)
    .option('--internal', 'also the attributes of the protocol, in a column _internal', false)
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 all is written, 1 it is not, 2 wrong usage, 130 Ctrl-C. A file is there once it is whole.',
    )
    .action(async (options: ExportOptions) => {
      const { exportProfiles } = await import('./command.ts');
      ended(await exportProfiles(options, output, signal));
    });
}
