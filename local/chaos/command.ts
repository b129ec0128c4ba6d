import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CliError, EXIT } from '../cli/errors.ts';
import { catchInterrupts, Interrupted } from '../cli/interrupt.ts';
import type { Output } from '../cli/output.ts';
import { SynthError } from '../synth.ts';
import { describeMismatches, describeReport, jsonReport } from './report.ts';
import { type ChaosOptions, runChaos } from './run.ts';

/** Rows remember every id for five minutes: the account finds each event of a run that is shorter. */
const MOST_SECONDS = 120;
const LARGEST_SEED = 2 ** 31 - 1;

function integerFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

const command = (output: Output): Command =>
  new Command('chaos')
    .description(
      'Runs the synthesized stacks on this machine under a steady load of shop events by several producers, kills workers, cuts endpoints, loses answers, throttles, splits and merges shards and deploys meanwhile, and accounts for every event in the end.',
    )
    .option(
      '--seconds <n>',
      'how long the load and the faults last; up to 1.75 times as long on a machine that is too slow for all faults to bite',
      integerFrom(20, MOST_SECONDS),
      60,
    )
    .option('--rate <n>', 'events per second, repeats and garbage not counted', integerFrom(20, 1_000), 100)
    .option(
      '--seed <n>',
      'decides load and faults; when each strikes depends on the machine, too (default: random)',
      integerFrom(0, LARGEST_SEED),
    )
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 every event is accounted for and every fault bit, 1 a mismatch or a failure, 2 wrong usage, 130 Ctrl-C.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.result(text.trimEnd()),
      writeErr: (text) => output.log(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows what there is)');

/**
 * `npm run chaos`.
 *
 * @param args without the program's own name.
 * @returns the exit code.
 */
export async function chaos(args: readonly string[], output: Output, run: typeof runChaos = runChaos): Promise<number> {
  using interrupts = catchInterrupts();
  const { signal } = interrupts;
  try {
    const {
      json,
      seed = Math.floor(Math.random() * LARGEST_SEED),
      ...rest
    } = command(output)
      .parse(args, { from: 'user' })
      .opts<Omit<ChaosOptions, 'seed'> & { readonly seed?: number; readonly json: boolean }>();
    const report = await run({ ...rest, seed }, output, signal);
    output.log(describeMismatches(report));
    output.result(json ? JSON.stringify(jsonReport(report)) : describeReport(report));
    return report.mismatches.length > 0 ? EXIT.failed : EXIT.ok;
  } catch (error) {
    return failed(signal.aborted ? signal.reason : error, output);
  }
}

function failed(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Interrupted) {
    output.log(error.message);
    return error.exitCode;
  }
  if (error instanceof CliError || error instanceof SynthError) output.log(error.message);
  else output.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}
