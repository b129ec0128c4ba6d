/** `npm run e2e`: deploys a stage by the CDK CLI to an endpoint or an account, shows that it works there, and destroys it. */

import { Command, CommanderError, Option } from 'commander';
import { CdkDeployment } from './cdk-deployment.ts';
import { clientsOf } from './clients.ts';
import type { Settings } from './deployment.ts';
import { serveLocalCloud } from './serve.ts';
import { type Result, runSuite } from './suite.ts';
import { nameOf, type Target } from './target.ts';

interface Options {
  readonly endpoint?: string;
  readonly stage?: string;
  readonly context: Settings;
  readonly keep: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

const command = new Command('npm run e2e --')
  .description(
    'Deploys a stage by the CDK CLI, puts events, reads profiles, deploys again in the middle of traffic, and destroys it. Without --endpoint and --stage: to the local cloud, in a process of its own.',
  )
  .addOption(
    new Option('--endpoint <url>', 'an AWS-compatible endpoint such as http://127.0.0.1:4566').argParser((text) => {
      if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) command.error(`error: ${text} is no URL`);
      return text.replace(/\/+$/, '');
    }),
  )
  .option('--stage <name>', 'the stage; without --endpoint it goes to AWS, with your credentials and region')
  .option('-c, --context <key=value>', 'a setting of the stage, as with cdk; may be repeated', withSetting, {})
  .option('--keep', 'leave the stage deployed', false)
  .option('--json', 'print the result as one JSON object', false)
  .option('--verbose', "show the CDK CLI's output", false)
  .addHelpText(
    'after',
    '\nExit codes: 0 all that the endpoint offers works, 1 something failed, 2 wrong usage, 130 Ctrl-C.',
  )
  .exitOverride();

function withSetting(text: string, before: Settings): Settings {
  const at = text.indexOf('=');
  if (at < 1) command.error(`error: ${text} is no key=value`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(options: Options, signal: AbortSignal): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const target = await targetOf(options, stack);
  const clients = clientsOf(target);
  stack.defer(() => clients.destroy());
  const deployment = stack.use(
    new CdkDeployment({ target, clients, signal, line: (text) => (options.verbose ? log(`  ${text}`) : undefined) }),
  );
  const results: Result[] = [];
  const done = (result: Result): void => {
    results.push(result);
    log(describe(result));
  };
  await runSuite({
    target,
    clients,
    deployment,
    settings: options.context,
    keep: options.keep,
    signal,
    progress: log,
    done,
  });
  const count = (outcome: Result['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const summary = `${nameOf(target)}: ${count('passed')} passed, ${count('failed')} failed, ${count('lacking')} not offered there`;
  process.stdout.write(
    `${options.json ? JSON.stringify({ endpoint: nameOf(target), stage: target.stage, results }) : summary}\n`,
  );
  return count('failed') > 0 ? 1 : 0;
}

async function targetOf({ endpoint, stage }: Options, stack: AsyncDisposableStack): Promise<Target> {
  if (endpoint !== undefined) return { stage: stage ?? 'dev', endpoint };
  if (stage !== undefined) return { stage };
  log('Starting the local cloud in a process of its own …');
  const served = stack.use(await serveLocalCloud());
  return { stage: 'dev', endpoint: served.url };
}

const MARKS = { passed: '✓', failed: '✗', lacking: '-' } as const;

const describe = ({ scenario, outcome, detail, ms }: Result): string =>
  `${MARKS[outcome]} ${scenario} (${(ms / 1_000).toFixed(1)} s)${detail === undefined ? '' : `\n    ${outcome === 'lacking' ? 'not offered: ' : ''}${detail}`}`;

const IMPATIENT_AFTER_MS = 1_000;

async function main(): Promise<number> {
  const interrupted = new AbortController();
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  let exitCode = 0;
  let interruptedMs = 0;
  /** A terminal and npm may each deliver one at once; one that comes later means that cleaning up takes too long. */
  const secondSignal = (name: string, code: number): void => {
    if (Date.now() - interruptedMs < IMPATIENT_AFTER_MS) return;
    log(`${name} again: stacks may be left behind`);
    process.exit(code);
  };
  for (const [name, code] of Object.entries(signals)) {
    process.on(name, () => {
      if (interrupted.signal.aborted) return secondSignal(name, code);
      log('Interrupted: cleaning up …');
      exitCode = code;
      interruptedMs = Date.now();
      interrupted.abort(new Error(`Interrupted by ${name}`));
    });
  }
  try {
    const { signal } = interrupted;
    const status = await run(command.parse().opts<Options>(), signal);
    return exitCode || status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    log(error instanceof Error ? error.message : String(error));
    return exitCode || 1;
  }
}

process.exitCode = await main();
