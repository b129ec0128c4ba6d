import { ENV, outputStreamEnv } from '../../../lambdas/core/names.ts';
import type { DeployedFunction } from '../bundles.ts';

/** What is measured against each other. */
export const VARIANTS = [
  'floor',
  'barePuts',
  'handler',
  'powertoolsOrdered',
  'powertoolsOrderedCached',
  'powertoolsParallel',
  'powertoolsParallelCached',
] as const;
export type VariantName = (typeof VARIANTS)[number];

/** How people read it. */
export const TITLES: Readonly<Record<VariantName, string>> = {
  floor: 'floor: decode and validate',
  barePuts: 'floor + bare puts',
  handler: 'Millrace',
  powertoolsOrdered: 'Powertools, ordered',
  powertoolsOrderedCached: 'Powertools, ordered, local cache',
  powertoolsParallel: 'Powertools, parallel',
  powertoolsParallelCached: 'Powertools, parallel, local cache',
};

/** A variant as it runs. */
export interface Variant {
  readonly name: VariantName;
  /** Its bundle. */
  readonly file: string;
  /** Environment variables over and above those that every function has. */
  variables(resources: Resources): Readonly<Record<string, string>>;
  /** Whether it costs so much that its rows are put there at the start of a run, instead of by the warm-up. */
  readonly isSlow: boolean;
  /** Whether it is told what to write. */
  readonly isTold: boolean;
  /** Whether it writes rows at all. */
  readonly writesRows: boolean;
}

/** Physical names of what a variant uses. */
export interface Resources {
  /** The rows. */
  readonly table: string;
  /** What it needs besides: checkpoints, or records of idempotency. */
  readonly sideTable: string;
  /** Where effects go. */
  readonly stream: string;
}

export const isPowertools = (name: VariantName): boolean => name.startsWith('powertools');

/** The variants of a run. `files` are bundles of test/bench/variants by module. */
export function variantsOf(
  deployed: DeployedFunction,
  files: Readonly<Record<'floor' | 'bare-puts' | 'powertools', string>>,
): readonly Variant[] {
  const plain = { isSlow: false, isTold: false, writesRows: true };
  const powertools = (name: VariantName, inParallel: boolean, localCache: boolean): Variant => ({
    ...plain,
    name,
    isSlow: true,
    file: files.powertools,
    variables: ({ table, sideTable }) => ({
      STATE_TABLE: table,
      IDEMPOTENCY_TABLE: sideTable,
      IN_PARALLEL: String(inParallel),
      LOCAL_CACHE: String(localCache),
      // The persistence layer makes its keys unique by function.
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
    }),
  });
  return [
    { ...plain, name: 'floor', file: files.floor, writesRows: false, variables: () => ({}) },
    {
      ...plain,
      name: 'barePuts',
      file: files['bare-puts'],
      isTold: true,
      variables: ({ table }) => ({ STATE_TABLE: table }),
    },
    {
      ...plain,
      name: 'handler',
      file: deployed.file,
      variables: (resources) => functionVariables(deployed, resources),
    },
    powertools('powertoolsOrdered', false, false),
    powertools('powertoolsOrderedCached', false, true),
    powertools('powertoolsParallel', true, false),
    powertools('powertoolsParallelCached', true, true),
  ];
}

/**
 * The variables of a deployed function, with the bench's resources where only a deployment would know. Without resources, for functions
 * that are loaded and never run, names that mean nothing.
 */
export function functionVariables(
  { variables }: DeployedFunction,
  resources?: Resources,
): Readonly<Record<string, string>> {
  const known = resources === undefined ? {} : resourceVariables(resources);
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const text = known[name] ?? (typeof value === 'string' || resources !== undefined ? value : 'nowhere');
      if (typeof text !== 'string') {
        throw new Error(`The bench does not know what to set ${name} to: ${JSON.stringify(value)}`);
      }
      return [name, text];
    }),
  );
}

const resourceVariables = ({ table, sideTable, stream }: Resources): Readonly<Record<string, string>> => ({
  [ENV.stateTable]: table,
  [ENV.checkpointTable]: sideTable,
  [outputStreamEnv('profile-updates')]: stream,
  // Nothing listens there: no event of the bench is rejected, and one that were must not go unnoticed.
  [ENV.deadLetterQueueUrl]: 'http://127.0.0.1:9/000000000000/dead-letters',
  [ENV.deadLetterBucket]: 'no-dead-letters',
});
