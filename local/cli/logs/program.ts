import { type Command, Option } from 'commander';
import { durationMs, integerFrom } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { LogsOptions } from './command.ts';

/** Adds `logs` to the command line. */
export function addLogs(root: Command, output: Output, signal: AbortSignal, ended: (exitCode: number) => void): void {
  root
    .command('logs')
    .summary("show the log of a system's function")
    .description(
      "Shows what a system's function, or that of the REST API, has logged: a line a batch, one for each anomaly, and what Lambda says of invocations that failed.",
    )
    .argument('<system>', 'its name: profiles; or api')
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .addOption(
      new Option('--since <duration>', 'look so far back: 90s, 15m, 2h, 1d')
        .argParser(durationMs)
        .default(15 * 60_000, '15m'),
    )
    .option('--errors', 'only errors, and invocations that failed or timed out', false)
    .addOption(new Option('--blocked', 'only keys that are blocked').default(false).conflicts(['errors']))
    .addOption(new Option('--key <subject>', 'only lines about this key, found by its hash').conflicts(['errors']))
    .addOption(
      new Option(
        '--filter <pattern>',
        "only lines that match a filter pattern of CloudWatch Logs: '{ $.rejected > 0 }'",
      )
        // Each of them is a pattern already.
        .conflicts(['errors', 'blocked', 'key']),
    )
    .option('--limit <n>', 'show the last n lines at most', integerFrom(1, 10_000), 100)
    .option('--follow', 'go on with what is logged from now on, until Ctrl-C', false)
    .option('--json', 'print NDJSON: time, log stream, message', false)
    .addHelpText(
      'after',
      '\nLines that only carry metrics are left out. Exit codes: 0 shown (also: there was nothing), 1 the log cannot be read, 2 wrong usage, 130 Ctrl-C.',
    )
    .action(async (system: string, options: LogsOptions) => {
      const { logs } = await import('./command.ts');
      ended(await logs(system, options, output, signal));
    });
}
