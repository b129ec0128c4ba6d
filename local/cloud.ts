import { type Account, type AccountOptions, type CloudEndpoints, startAccount } from './account.ts';
import type { Clients } from './clients.ts';
import { readAssembly } from './cloudformation/assembly.ts';
import { deploy, type Stack } from './cloudformation/deploy.ts';
import { untilDrained } from './drain.ts';
import type { TableCounts } from './dynamodb/counts.ts';
import { ACCOUNT_ID, REGION } from './emulators/emulators.ts';
import type { FaultHook } from './emulators/front.ts';
import type { RunningApi } from './http/running-api.ts';
import type { LambdaFunction } from './lambda/function.ts';
import type { Mapping } from './mapping.ts';
import type { Alarm } from './metrics/alarm.ts';
import type { AlarmBook } from './metrics/alarm-book.ts';
import type { Monitor } from './metrics/monitor.ts';
import type { MetricStore } from './metrics/store.ts';
import { resourceTypes } from './resources/types.ts';
import { Teardown } from './teardown.ts';

export interface CloudOptions extends AccountOptions {
  /** Directory of the cloud assembly, as `cdk synth` or `synthesize` writes it. Functions load from it until the end. */
  readonly assemblyDir: string;
}

/** Synthesized stacks at work on this machine. */
export interface Cloud extends AsyncDisposable {
  readonly endpoints: CloudEndpoints;
  readonly clients: Clients;
  /** By name. */
  readonly stacks: ReadonlyMap<string, Stack>;
  /** By physical name. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** Those that a template disables do nothing until they are resumed. */
  readonly mappings: readonly Mapping[];
  /** HTTP APIs, each on a port of its own. */
  readonly apis: readonly RunningApi[];
  readonly metrics: MetricStore;
  readonly alarms: readonly Alarm[];
  /** The states of the alarms. */
  readonly alarmBook: AlarmBook;
  /** Evaluates the alarms every minute and notifies their topics. */
  readonly monitor: Monitor;
  /** The value of an output. @throws RangeError naming the outputs that there are. */
  output(stack: string, key: string): string;
  /** What was asked of a table, by its physical name, and its write units. */
  tableCounts(table: string): TableCounts;
  /** From now on `hook` decides on each request to Kinesis, DynamoDB and SQS; without one all pass. */
  setFaultHook(hook?: FaultHook): void;
  /**
   * Resolves once everything that was put into any stream is processed, and so is what functions put into streams on
   * the way. Mappings that are disabled when it begins are left out. Rejects with the signal's reason, or if a mapping stops.
   */
  untilDrained(signal?: AbortSignal): Promise<void>;
  /** Stops everything, abandons what is in flight and frees the ports. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Makes every resource of an assembly's stacks and starts its event source mappings.
 *
 * @throws TemplateError for what the local cloud cannot run, and whatever else fails; everything is stopped by then.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const teardown = new Teardown();
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(options: CloudOptions, teardown: Teardown): Promise<Cloud> {
  const assembly = readAssembly(options.assemblyDir);
  const account = await startAccount(options, teardown, (services) =>
    deploy(assembly, resourceTypes(services), { region: REGION, accountId: ACCOUNT_ID }),
  );
  return cloudOf(account, teardown);
}

function cloudOf({ emulators, services, workloads, ...account }: Account, teardown: Teardown): Cloud {
  const stacks = new Map(account.stacks.map((stack) => [stack.name, stack]));
  const { functions, mappings, apis } = workloads;
  const stop = () => teardown.run();
  return {
    ...account,
    stacks,
    functions,
    mappings,
    apis,
    alarms: services.alarms,
    output: (stack, key) => outputOf(stacks, stack, key),
    tableCounts: (table) => emulators.tableCounts(table),
    setFaultHook: (hook) => emulators.setFaultHook(hook),
    untilDrained: (signal) =>
      untilDrained(
        mappings.filter(({ isEnabled }) => isEnabled),
        account.clock.now,
        signal,
      ),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function outputOf(stacks: ReadonlyMap<string, Stack>, stack: string, key: string): string {
  const outputs = stacks.get(stack)?.outputs ?? {};
  const value = outputs[key];
  if (value !== undefined) return value;
  const known = Object.keys(outputs).join(', ') || 'none';
  throw new RangeError(
    `stack ${stack} has no output ${key}; it has: ${known}; stacks are: ${[...stacks.keys()].join(', ')}`,
  );
}
