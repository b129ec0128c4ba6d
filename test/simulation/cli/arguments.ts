import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULT_KINDS, FAULTS, type FaultKind, isFaultKind } from '../../support/simulate.ts';
import { TOPOLOGY_NAMES, type TopologyName } from '../systems/topologies.ts';

export interface Arguments {
  readonly seeds: number;
  readonly from: number;
  readonly faults: readonly FaultKind[];
  readonly system: TopologyName;
  readonly workers: number;
  readonly json: boolean;
  /** One run to replay. */
  readonly seed?: number;
  readonly schedule?: number;
  readonly keep?: readonly number[];
}

/** Most workers that are used unless asked for more. */
const WORKERS = 2;

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
  };

function faults(text: string): readonly FaultKind[] {
  if (text === 'all') return FAULT_KINDS;
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    if (isFaultKind(name)) return name;
    throw new InvalidArgumentError(`${name} is no kind of fault. Known are all, none, and: ${FAULT_KINDS.join(', ')}`);
  });
}

function system(text: string): TopologyName {
  const known = TOPOLOGY_NAMES.find((name) => name === text);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(`Known are: ${TOPOLOGY_NAMES.join(', ')}`);
}

const indexes = (text: string): readonly number[] => text.split(',').map(whole(0));

const kinds = (): string => {
  const width = Math.max(...FAULT_KINDS.map((kind) => kind.length));
  return FAULT_KINDS.map((kind) => `  ${kind.padEnd(width)}  ${FAULTS[kind].what}`).join('\n');
};

/** Reads the command line; prints and ends the process itself where it asks for help or makes no sense. */
export function readArguments(argv: readonly string[]): Arguments {
  const command = new Command('npm run simulate --')
    .description('Runs systems through everything that can go wrong, in virtual time, and judges what is left.')
    .option('--seeds <n>', 'how many runs', whole(1), 200)
    .option('--from <seed>', 'the first seed', whole(0), 1)
    .addOption(
      new Option('--faults <kinds>', 'all, none, or kinds separated by commas')
        .argParser(faults)
        .default(FAULT_KINDS, 'all'),
    )
    .option('--system <name>', `what is simulated: ${TOPOLOGY_NAMES.join(', ')}`, system, TOPOLOGY_NAMES[0])
    .option('--workers <n>', 'threads', whole(1), Math.min(WORKERS, availableParallelism()))
    .option('--json', 'one JSON object as the last line of standard output', false)
    .option('--seed <seed>', 'replays one run and prints what happened in it', whole(0))
    .option('--schedule <n>', 'with --seed: another order of things for the same events', whole(0))
    .option('--keep <indexes>', 'with --seed: only these events are put, as a shrunk run names them', indexes)
    .addHelpText(
      'after',
      `\nKinds of faults:\n${kinds()}\n\nEnds with 1 if a promise did not hold. docs/simulation.md tells how to read a run.`,
    );
  return command.parse([...argv], { from: 'user' }).opts<Arguments>();
}
