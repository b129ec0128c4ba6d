import { type Clients, localClients } from './clients.ts';
import { readAssembly } from './cloudformation/assembly.ts';
import { deploy, type Stack } from './cloudformation/deploy.ts';
import { untilDrained } from './drain.ts';
import type { TableCounts } from './dynamodb/counts.ts';
import {
  ACCOUNT_ID,
  type Emulators,
  type Endpoints,
  type Ports,
  REGION,
  startEmulators,
} from './emulators/emulators.ts';
import { type FaultHook, startServer } from './emulators/front.ts';
import { type Clock, systemClock } from './esm/ports.ts';
import type { EngineOptions } from './esm/settings.ts';
import type { RunningApi } from './http/running-api.ts';
import type { LambdaFunction } from './lambda/function.ts';
import { MappingsApi } from './lambda/mappings-api.ts';
import type { Mapping } from './mapping.ts';
import type { Alarm } from './metrics/alarm.ts';
import { AlarmBook } from './metrics/alarm-book.ts';
import type { Notification } from './metrics/alarm-message.ts';
import { cloudWatchApi } from './metrics/cloudwatch-api.ts';
import { Monitor } from './metrics/monitor.ts';
import { QueueFeed } from './metrics/queue-feed.ts';
import { serviceFeed } from './metrics/service-feeds.ts';
import { MetricStore } from './metrics/store.ts';
import type { Services } from './resources/services.ts';
import { SnsApi } from './resources/sns-api.ts';
import { resourceTypes } from './resources/types.ts';
import { Teardown } from './teardown.ts';
import { describeTrouble, type Trouble } from './trouble.ts';
import { Workloads } from './workloads.ts';

export interface CloudOptions {
  /** Directory of the cloud assembly, as `cdk synth` or `synthesize` writes it. Functions load from it until the end. */
  readonly assemblyDir: string;
  /** Free ports by default. */
  readonly ports?: Ports;
  /** Execution environments of one function at a time, at most; further invocations wait. Default: two per core. */
  readonly environmentsPerFunction?: number;
  /** Directory for the functions' logs, a file `<function>.log` each, begun anew. Default: logs stay in memory. */
  readonly logDir?: string;
  /** Timing of the event source mappings; by default as on AWS, but shards are listed every second. */
  readonly engine?: EngineOptions;
  /** By which metrics are stamped and alarms evaluated; the machine's by default. Queues, streams and functions keep to the machine's. */
  readonly clock?: Clock;
  /** Told of what goes wrong in the local cloud itself. Default: a line on standard error. */
  readonly onTrouble?: (trouble: Trouble) => void;
}

/** Base URLs, all on 127.0.0.1: those of the emulators, and what Millrace serves itself. */
export interface CloudEndpoints extends Endpoints {
  /** Lambda's API, for event source mappings alone. */
  readonly lambda: string;
  /** CloudWatch's API, for alarms and metrics. */
  readonly cloudwatch: string;
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

/** ListShards has no quota here, and "drained" waits for a listing. */
const ENGINE: EngineOptions = { shardListIntervalMs: 1000 };

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
  const emulators = await startEmulators(options.ports);
  teardown.add(() => emulators.stop());
  const { clients, destroy } = localClients(emulators.endpoints);
  teardown.add(destroy);
  const sns = new SnsApi(emulators.endpoints.sns);
  const services: Services = { clients, sns, functions: [], mappings: [], alarms: [], apis: [] };
  teardown.add(() => closeAll(services.apis));
  const stacks = await deploy(assembly, resourceTypes(services), { region: REGION, accountId: ACCOUNT_ID });
  const metrics = new MetricStore();
  const clock = options.clock ?? systemClock();
  const trouble = options.onTrouble ?? ((what) => process.stderr.write(`${describeTrouble(what)}\n`));
  const workloads = new Workloads({
    ...options,
    services,
    endpoints: emulators.endpoints,
    metrics,
    clock,
    trouble,
    engine: { ...ENGINE, ...options.engine },
  });
  teardown.add(() => workloads.stop());
  const mappingsApi = await MappingsApi.listen(workloads.mappings, options.ports?.lambda);
  teardown.add(() => mappingsApi.close());
  const alarmBook = new AlarmBook(metrics, services.alarms, clock.now());
  const api = cloudWatchApi({ store: metrics, book: alarmBook });
  const cloudWatch = await startServer(api, { port: options.ports?.cloudwatch ?? 0 });
  teardown.add(() => cloudWatch.close());
  emulators.observe(serviceFeed(metrics, clock.now));
  const queueFeed = new QueueFeed(metrics, clock.now);
  const sample = async () => queueFeed.take(await emulators.queues());
  const monitor = startMonitor(alarmBook, { sns, trouble, sample }, clock);
  teardown.add(() => monitor.stop());
  await workloads.reconcile(stacks);
  const endpoints = { ...emulators.endpoints, lambda: mappingsApi.url, cloudwatch: cloudWatch.url };
  return cloudOf({
    emulators,
    endpoints,
    clients,
    stacks,
    functions: workloads.functions,
    mappings: workloads.mappings,
    apis: workloads.apis,
    metrics,
    alarms: services.alarms,
    alarmBook,
    monitor,
    teardown,
  });
}

interface MonitorEdges {
  readonly sns: SnsApi;
  readonly trouble: (trouble: Trouble) => void;
  readonly sample: () => Promise<void>;
}

function startMonitor(book: AlarmBook, { sns, trouble, sample }: MonitorEdges, clock: Clock): Monitor {
  const ports = {
    sample,
    notify: (topicArn: string, { subject, message }: Notification) => sns.publish(topicArn, message, { subject }),
    failed: (what: string, error: unknown) => trouble({ kind: 'alarm', what, error }),
  };
  const monitor = new Monitor(book, ports, clock);
  monitor.start();
  return monitor;
}

async function closeAll(apis: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(apis.map((api) => api.close()));
}

interface Parts {
  readonly emulators: Emulators;
  readonly endpoints: CloudEndpoints;
  readonly clients: Clients;
  readonly stacks: readonly Stack[];
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly mappings: readonly Mapping[];
  readonly apis: readonly RunningApi[];
  readonly metrics: MetricStore;
  readonly alarms: readonly Alarm[];
  readonly alarmBook: AlarmBook;
  readonly monitor: Monitor;
  readonly teardown: Teardown;
}

function cloudOf({ emulators, teardown, ...parts }: Parts): Cloud {
  const stacks = new Map(parts.stacks.map((stack) => [stack.name, stack]));
  const stop = () => teardown.run();
  return {
    ...parts,
    stacks,
    output: (stack, key) => outputOf(stacks, stack, key),
    tableCounts: (table) => emulators.tableCounts(table),
    setFaultHook: (hook) => emulators.setFaultHook(hook),
    untilDrained: (signal) =>
      untilDrained(
        parts.mappings.filter(({ isEnabled }) => isEnabled),
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
