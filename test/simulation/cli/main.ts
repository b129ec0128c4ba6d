import { FAULT_KINDS } from '../../support/simulate/faults.ts';
import { type Case, replayCommand, run, shrink, type Totals } from '../../support/simulate.ts';
import { TOPOLOGIES } from '../systems/topologies.ts';
import { type Arguments, readArguments } from './arguments.ts';
import { runSeeds } from './pool.ts';
import { failureLines, jsonReport, neglectedLine, progressLine, textReport } from './report.ts';

const INTERRUPTED = 130;
/** Failed seeds that are told in full. */
const MOST_FAILURES = 5;

/** With `--json`, standard output is for the object alone. */
const printer =
  ({ json }: Arguments) =>
  (text: string): void =>
    json ? console.error(text) : console.log(text);

/** Replays one run, and makes it smaller if it fails. */
async function replay(given: Arguments, seed: number): Promise<number> {
  const print = printer(given);
  const { systems, workload } = TOPOLOGIES[given.system];
  const { schedule, keep } = given;
  const which: Case = {
    seed,
    faults: new Set(given.faults),
    ...(schedule !== undefined && { schedule }),
    ...(keep !== undefined && { keep: new Set(keep) }),
  };
  const { trace, breaches } = await run(systems, workload, which, { trace: true });
  print(trace.join('\n'));
  if (breaches.length === 0) {
    print(`Seed ${seed}: every promise held`);
    return 0;
  }
  print(`Seed ${seed}: ${breaches.length} promises broken. Making it smaller...`);
  const { result, runs } = await shrink(systems, workload, which);
  print(`\n${result.trace.join('\n')}`);
  print(`Smallest of ${runs} runs: ${result.events} events, ${result.case.faults.size} kinds of faults. Again by:`);
  print(replayCommand(result.case, given.system));
  return 1;
}

function conclude(given: Arguments, totals: Totals, elapsedMs: number, interrupted: boolean): number {
  const print = printer(given);
  print(textReport(totals, elapsedMs));
  for (const failure of totals.failures.slice(0, MOST_FAILURES)) print(failureLines(failure, given));
  const untold = totals.failures.length - MOST_FAILURES;
  if (untold > 0) print(`... and ${untold} more`);
  // With some of the faults only, some states cannot be come through; nor in a campaign that was cut short.
  const complete = !interrupted && given.faults.length === FAULT_KINDS.length;
  const neglectedNote = complete ? neglectedLine(totals) : undefined;
  if (neglectedNote !== undefined) print(neglectedNote);
  if (interrupted) print('Interrupted');
  if (given.json) console.log(JSON.stringify(jsonReport(totals, elapsedMs)));
  if (interrupted) return INTERRUPTED;
  return totals.failures.length > 0 || neglectedNote !== undefined ? 1 : 0;
}

async function campaign(given: Arguments): Promise<number> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const beganMs = performance.now();
  const elapsedMs = (): number => performance.now() - beganMs;
  const showProgress = (totals: Totals): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${progressLine(totals, given.seeds, elapsedMs())}`);
  };
  const totals = await runSeeds(given, interrupted.signal, showProgress);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  return conclude(given, totals, elapsedMs(), interrupted.signal.aborted);
}

const given = readArguments(process.argv.slice(2));
process.exitCode = given.seed === undefined ? await campaign(given) : await replay(given, given.seed);
