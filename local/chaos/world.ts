import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../lib/stacks/outputs.ts';
import { LOCAL_STAGE, type ProfilesSystem, profilesSystem } from '../cli/start/system.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import type { LambdaFunction } from '../lambda/function.ts';
import { synthesize } from '../synth.ts';
import { Teardown } from '../teardown.ts';
import { describeTrouble, type Trouble } from '../trouble.ts';

/** How often the function is deployed anew. */
const DEPLOYMENTS = 2;

/** The real stacks at work on this machine, and what chaos needs to know of them. */
export interface World extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly system: ProfilesSystem & { readonly updatesStream: string; readonly onFailureQueueUrl: string };
  readonly fn: LambdaFunction;
  /** Directories of the function's code, besides the one that it started with. */
  readonly builds: readonly string[];
  /** The function's log. Complete once the world has stopped. */
  readonly logFile: string;
  /** Troubles of the local cloud itself that no fault explains. */
  readonly unexplained: readonly string[];
  /** Leaves the log behind when the world goes. @returns where it is. */
  keepLog(): string;
}

/** Synthesizes the stacks and runs them. @throws what either throws; everything is undone by then. */
export async function createWorld(signal: AbortSignal): Promise<World> {
  const undo = new Teardown();
  try {
    return await create(undo, signal);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function create(undo: Teardown, signal: AbortSignal): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  let keepsLog = false;
  undo.add(() => {
    const gone = keepsLog ? [...buildsIn(directory)] : [directory];
    for (const path of gone) rmSync(path, { recursive: true, force: true });
  });
  const assembly = await synthesize({ signal });
  undo.add(() => assembly[Symbol.dispose]());
  const unexplained: string[] = [];
  const cloud = await startCloud({
    assemblyDir: assembly.directory,
    logDir: directory,
    onTrouble: (trouble) => {
      if (!isOfFaults(trouble)) unexplained.push(describeTrouble(trouble));
    },
  });
  undo.add(() => cloud.stop());
  const fn = functionOf(cloud);
  const builds = buildsIn(directory);
  for (const build of builds) cpSync(fn.definition.directory, build, { recursive: true });
  const logFile = join(directory, `${fn.definition.name}.log`);
  return {
    cloud,
    system: systemOf(cloud),
    fn,
    builds,
    logFile,
    unexplained,
    keepLog: () => {
      keepsLog = true;
      return logFile;
    },
    [Symbol.asyncDispose]: () => undo.run(),
  };
}

const buildsIn = (directory: string): readonly string[] =>
  Array.from({ length: DEPLOYMENTS }, (_, nth) => join(directory, `build-${nth + 1}`));

function functionOf(cloud: Cloud): LambdaFunction {
  const name = cloud.output(statelessStackName(LOCAL_STAGE), STATELESS_OUTPUTS.functionName(profiles.name));
  const fn = cloud.functions.get(name);
  if (fn === undefined) throw new Error(`The stacks have no function ${name}`);
  return fn;
}

function systemOf(cloud: Cloud): World['system'] {
  const [updates] = profiles.outputStreams;
  if (updates === undefined) throw new Error(`System ${profiles.name} has no output stream`);
  const stack = statefulStackName(LOCAL_STAGE);
  return {
    ...profilesSystem(cloud.output),
    updatesStream: cloud.output(stack, STATEFUL_OUTPUTS.streamName(updates)),
    onFailureQueueUrl: cloud.output(stack, STATEFUL_OUTPUTS.onFailureQueueUrl(profiles.name)),
  };
}

/** Reads of the stream fail because faults meet them; the poller goes on. */
const isOfFaults = (trouble: Trouble): boolean => trouble.kind === 'mapping' && trouble.event.kind === 'port-failed';

/** Invocations that failed, by what their environment said of it. */
export interface Failures {
  readonly killed: number;
  readonly others: readonly string[];
}

/** Reads the failures of invocations in a function's log. */
export function failuresIn(logFile: string): Failures {
  const messages = readFileSync(logFile, 'utf8')
    .split('\n')
    .flatMap((line) => /^\d{4}-\d\d-\d\dT\S+Z [\da-f-]{36} (.+)$/.exec(line)?.slice(1) ?? []);
  const others = messages.filter((message) => !message.endsWith('signal: killed'));
  return { killed: messages.length - others.length, others };
}
