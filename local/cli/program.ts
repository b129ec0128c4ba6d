import { Command, Option } from 'commander';
import { LISTED_SEGMENTS } from '../../lambdas/systems/profiles/segment.ts';
import { integerFrom, positive } from './arguments.ts';
import { addCost } from './cost/program.ts';
import { addExport } from './export/program.ts';
import { addLogs } from './logs/program.ts';
import { addMapping } from './mapping/program.ts';
import type { Output } from './output.ts';
import { addProduce } from './produce/program.ts';
import type { GetOptions, ListOptions } from './profiles/commands.ts';
import { addRedrive } from './redrive/program.ts';
import { addRetain } from './retain/program.ts';
import { addServe } from './serve/program.ts';
import type { StartOptions } from './start/start.ts';
import { addStatus } from './status/program.ts';
import { addTail } from './tail/program.ts';
import { addTrace } from './trace/program.ts';

/** Most shards of the local cloud's streams: each has pollers and lanes of its own in one process. */
const MOST_SHARDS = 64;

/**
 * The command line. Commands load what they need when they run, so that `--help` is quick.
 *
 * @param ended is told the exit code of a command that ran to its end.
 */
export function program(output: Output, signal: AbortSignal, ended: (exitCode: number) => void): Command {
  const root = new Command('millrace')
    .description('Streams of events into live profiles: the local cloud, and the profiles of a stage')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.result(text.trimEnd()),
      writeErr: (text) => output.log(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows what there is)')
    .helpCommand(false);
  addStart(root, output, signal, ended);
  addServe(root, output, signal, ended);
  addProduce(root, output, signal, ended);
  addTail(root, output, signal, ended);
  addStatus(root, output, signal, ended);
  addLogs(root, output, signal, ended);
  addMapping(root, output, signal, ended);
  addRetain(root, output, signal, ended);
  addRedrive(root, output, signal, ended);
  addTrace(root, output, signal, ended);
  addCost(root, output, ended);
  const profile = root.command('profile').description('read profiles of a stage');
  addGet(profile, output, signal, ended);
  addList(profile, output, ended);
  addExport(profile, output, signal, ended);
  return root;
}

type Ended = (exitCode: number) => void;

function addStart(root: Command, output: Output, signal: AbortSignal, ended: Ended): void {
  root
    .command('start')
    .summary('run everything on this machine, send events through it, and say what became of each')
    .description(
      'Synthesizes the stacks, runs them on this machine, sends events through them, waits until all are processed and says what became of each.',
    )
    .addOption(
      new Option('--events <file>', 'NDJSON of CloudEvents, - for standard input').default(
        undefined,
        "the bundled shop's events",
      ),
    )
    .option('--limit <n>', 'send n events at most', integerFrom(1))
    .option('--rate <n>', 'send n events per second (default: as fast as the stream takes them)', positive)
    .option('--shards <n>', 'shards of each stream (default: as set for stage local)', integerFrom(1, MOST_SHARDS))
    .option('--watch', 'stay up until Ctrl-C, with a live view and the endpoints for SDKs and CLIs', false)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 all went well, 1 something failed (also: events that could not be sent), 2 wrong usage, 130 Ctrl-C.',
    )
    .action(async (options: StartOptions) => {
      const { start } = await import('./start/start.ts');
      ended(await start(options, output, signal));
    });
}

function addGet(profile: Command, output: Output, signal: AbortSignal, ended: Ended): void {
  withStage(profile.command('get'))
    .description('show one profile')
    .argument('<id>', 'the user: the subject of its events')
    .option('--wait <s>', 'wait so many seconds for a profile that is not there yet', positive)
    .action(async (id: string, options: GetOptions) => {
      const { getProfile } = await import('./profiles/commands.ts');
      ended(await getProfile(id, options, output, signal));
    });
}

function addList(profile: Command, output: Output, ended: Ended): void {
  withStage(profile.command('list'))
    .description('list the profiles of a spend segment, those that moved there last first')
    .addOption(new Option('--segment <segment>', 'the spend segment').choices(LISTED_SEGMENTS).makeOptionMandatory())
    .option('--limit <n>', 'list n profiles at most', integerFrom(1, 10_000), 20)
    .action(async (options: ListOptions) => {
      const { listProfiles } = await import('./profiles/commands.ts');
      ended(await listProfiles(options, output));
    });
}

function withStage(command: Command): Command {
  return command
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .option('--json', 'print JSON', false);
}
