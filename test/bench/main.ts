/** `npm run bench`: the deployed processor against the least that it could cost, and against what people use today. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type BenchOptions, bench, profileHandler } from './bench.ts';
import { FULL, QUICK } from './plan.ts';
import { describe, describeProfile } from './report.ts';
import { jsonOf } from './result.ts';
import { KEY_COUNT } from './workload/keys.ts';
import { PAUSE_SECONDS } from './workload/shopper.ts';

/** Events per second of as many visitors as there are keys, all of them at it as those of the shop's log are. */
const RATE = KEY_COUNT / PAUSE_SECONDS;
/** What a run takes of the stream has arrived by the time that it is processed. */
const BEGAN_MS_AGO = 24 * 3600 * 1000;

interface Options {
  readonly quick?: true;
  readonly json?: true;
  readonly rate: number;
  readonly seed: string;
}

const program = new Command('npm run bench --')
  .description(
    'Measures the deployed profiles function against floor and bare puts, and against Powertools, in one run.',
  )
  .option('--quick', 'Zipf keys and batches of 500 alone, within a minute')
  .option('--json', 'print one JSON object as the last line of standard output, and the report to standard error')
  .option('--rate <n>', 'events per second that arrive, which decides how many event ids rows hold', positive, RATE)
  .option('--seed <text>', 'another stream of events', 'millrace')
  .action(async (options: Options) => {
    const result = await withOptions(options, bench);
    (options.json ? process.stderr : process.stdout).write(`${describe(result)}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(jsonOf(result))}\n`);
  });

program
  .command('profile')
  .description('Writes a CPU profile of the deployed function at work, and shows where its time went')
  .option('--out <file>', 'for the Performance tab of Chrome DevTools', 'handler.cpuprofile')
  .action(async ({ out }: { readonly out: string }) => {
    const profiled = await withOptions(program.opts<Options>(), (options) => profileHandler(options, out));
    process.stdout.write(`${describeProfile(profiled)}\nWritten to ${out}\n`);
  });

async function withOptions<T>({ quick, rate, seed }: Options, work: (options: BenchOptions) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    return await work({
      plan: quick ? QUICK : FULL,
      traffic: { seed, ratePerSecond: rate, startMs: Date.now() - BEGAN_MS_AGO },
      directory,
      progress: (what) => process.stderr.write(`${process.uptime().toFixed(0).padStart(4)} s  ${what}\n`),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

await program.parseAsync();
