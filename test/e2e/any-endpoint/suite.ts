import { randomUUID } from 'node:crypto';
import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Clients } from './clients.ts';
import { type Deployment, type Settings, SUITE_SETTINGS } from './deployment.ts';
import { alarms } from './scenarios/alarms.ts';
import { fold, repeat } from './scenarios/fold.ts';
import { queryIndex, queryRest } from './scenarios/query.ts';
import { redeploy } from './scenarios/redeploy.ts';
import { rejection } from './scenarios/rejection.ts';
import { findStack, readOutputs, type StageOutputs, stacksOf } from './stage.ts';
import { nameOf, type Target } from './target.ts';
import { eventually } from './wait.ts';
import type { Scenario, World } from './world.ts';

/** In their order. */
export const SCENARIOS: readonly Scenario[] = [fold, repeat, rejection, queryIndex, queryRest, alarms, redeploy];

export interface Result {
  readonly scenario: string;
  readonly outcome: 'passed' | 'failed' | 'lacking';
  /** Why it failed, or what the endpoint lacks. */
  readonly detail?: string;
  readonly ms: number;
}

export interface SuiteOptions {
  readonly target: Target;
  readonly clients: Clients;
  readonly deployment: Deployment;
  /** Settings above those of the stage and of the suite. */
  readonly settings: Settings;
  /** Leaves the stage deployed. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  readonly done: (result: Result) => void;
}

/**
 * Deploys a stage, shows every scenario on it and destroys it, also after a failure or an interrupt.
 *
 * @throws if the stage exists already, which the suite would destroy, or if it cannot be deployed or destroyed.
 */
export async function runSuite(options: SuiteOptions): Promise<void> {
  const { target, clients, deployment, settings, keep, signal, progress } = options;
  await refuseExisting(clients, target);
  const all = { ...SUITE_SETTINGS, ...settings };
  let outputs: StageOutputs;
  try {
    progress(`Deploying stage ${target.stage} to ${nameOf(target)} …`);
    await deployment.deploy(all);
    outputs = await readOutputs(clients, target.stage);
    await runScenarios(options, all, outputs);
  } catch (error) {
    // What the clean-up says must not take its place.
    progress(error instanceof Error ? error.message : String(error));
    throw new Error(`The suite did not get to its end on ${nameOf(target)}`, { cause: error });
  } finally {
    if (!keep) {
      progress(`Destroying stage ${target.stage} …`);
      await deployment.destroy();
    }
  }
  if (!keep) await measured(options, DESTROYED, () => untilGone(clients, target, outputs, signal));
}

const DESTROYED = 'the stage goes away whole';

async function runScenarios(options: SuiteOptions, settings: Settings, outputs: StageOutputs): Promise<void> {
  const { target, clients, deployment, signal, progress } = options;
  const world: World = {
    target,
    clients,
    outputs,
    signal,
    run: `e2e-${randomUUID().slice(0, 8)}`,
    redeploy: async (changed) => {
      progress(`Deploying again with ${JSON.stringify(changed)} …`);
      await deployment.deploy({ ...settings, ...changed });
    },
  };
  for (const scenario of SCENARIOS) await measured(options, scenario.name, () => scenario.run(world));
}

async function measured(
  { done, signal }: SuiteOptions,
  scenario: string,
  run: () => ReturnType<Scenario['run']>,
): Promise<void> {
  const startedMs = performance.now();
  const ms = () => Math.round(performance.now() - startedMs);
  try {
    const lack = await run();
    if (lack === undefined) done({ scenario, outcome: 'passed', ms: ms() });
    else done({ scenario, outcome: 'lacking', detail: lack.lacks, ms: ms() });
  } catch (error) {
    signal.throwIfAborted();
    done({ scenario, outcome: 'failed', detail: error instanceof Error ? error.message : String(error), ms: ms() });
  }
}

async function refuseExisting(clients: Clients, target: Target): Promise<void> {
  for (const name of stacksOf(target.stage)) {
    const stack = await findStack(clients, name).catch((cause: Error) => {
      throw new Error(`${nameOf(target)} does not say which stacks it has: ${cause.message}`, { cause });
    });
    if (stack === undefined) continue;
    throw new Error(
      `stack ${name} is there already (${stack.StackStatus}), and would be destroyed: delete it first, or choose another stage`,
    );
  }
}

async function untilGone(
  clients: Clients,
  { stage }: Target,
  { stream, table }: StageOutputs,
  signal: AbortSignal,
): Promise<undefined> {
  for (const name of stacksOf(stage)) {
    await eventually({
      what: `end of stack ${name}`,
      seconds: 60,
      signal,
      probe: async () => ((await findStack(clients, name)) === undefined ? true : undefined),
    });
  }
  const asked = {
    [`stream ${stream}`]: () => clients.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream })),
    [`table ${table}`]: () => clients.documents.send(new GetCommand({ TableName: table, Key: { id: 'nobody' } })),
  };
  for (const [what, ask] of Object.entries(asked)) {
    await eventually({ what: `end of ${what}`, seconds: 60, signal, probe: () => isMissing(ask) });
  }
}

/** true once the service says that there is no such resource. */
async function isMissing(ask: () => Promise<unknown>): Promise<true | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return true;
    throw error;
  }
}
