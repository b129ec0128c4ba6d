import { type Clients, localClients } from './clients.ts';
import type { CloudClock } from './clock.ts';
import type { Stack } from './cloudformation/deploy.ts';
import { type Emulators, type Endpoints, type Ports, startEmulators } from './emulators/emulators.ts';
import { startServer } from './emulators/front.ts';
import { type Clock, systemClock } from './esm/ports.ts';
import type { EngineOptions } from './esm/settings.ts';
import { MappingsApi } from './lambda/mappings-api.ts';
import { logGroupsOf } from './logs/log-groups.ts';
import { logsApi } from './logs/logs-api.ts';
import { AlarmBook } from './metrics/alarm-book.ts';
import type { Notification } from './metrics/alarm-message.ts';
import { cloudWatchApi } from './metrics/cloudwatch-api.ts';
import { Monitor } from './metrics/monitor.ts';
import { QueueFeed } from './metrics/queue-feed.ts';
import { serviceFeed } from './metrics/service-feeds.ts';
import { MetricStore } from './metrics/store.ts';
import type { Services } from './resources/services.ts';
import { SnsApi } from './resources/sns-api.ts';
import type { Teardown } from './teardown.ts';
import { describeTrouble, type Trouble } from './trouble.ts';
import { Workloads } from './workloads.ts';

export interface AccountOptions {
  /** Free ports by default. */
  readonly ports?: Ports;
  /** Execution environments of one function at a time, at most; further invocations wait. Default: two per core. */
  readonly environmentsPerFunction?: number;
  /** Directory for the functions' logs, a file `<function>.log` each, begun anew. Default: logs stay in memory. */
  readonly logDir?: string;
  /** Timing of the event source mappings; by default as on AWS, but shards are listed every second. */
  readonly engine?: EngineOptions;
  /**
   * By which mappings and functions run, metrics are stamped and alarms evaluated; the machine's by default. The emulators and the logs keep
   * to the machine's: what they delete or hide in time does not go sooner. Timers inside of functions do so, too.
   */
  readonly clock?: CloudClock;
  /** Told of what goes wrong in the local cloud itself. Default: a line on standard error. */
  readonly onTrouble?: (trouble: Trouble) => void;
}

/** Base URLs, all on 127.0.0.1: those of the emulators, and what Millrace serves itself. */
export interface CloudEndpoints extends Endpoints {
  /** Lambda's API, for event source mappings alone. */
  readonly lambda: string;
  /** CloudWatch's API, for alarms and metrics. */
  readonly cloudwatch: string;
  /** CloudWatch Logs' API. */
  readonly logs: string;
}

/** The services of one account, at work on this machine. */
export interface Account {
  readonly emulators: Emulators;
  readonly endpoints: CloudEndpoints;
  readonly clients: Clients;
  readonly services: Services;
  readonly workloads: Workloads;
  readonly metrics: MetricStore;
  readonly alarmBook: AlarmBook;
  readonly monitor: Monitor;
  readonly clock: CloudClock;
  /** The stacks that it began with. */
  readonly stacks: readonly Stack[];
}

/** ListShards has no quota here, and "drained" waits for a listing. */
const ENGINE: EngineOptions = { shardListIntervalMs: 1000 };

/**
 * Starts the services of an account.
 *
 * @param teardown is given what stops each, also if a later one does not start.
 * @param deployFirst makes the stacks that the account begins with; they run once this resolves.
 */
export async function startAccount(
  options: AccountOptions,
  teardown: Teardown,
  deployFirst: (services: Services) => Promise<readonly Stack[]>,
): Promise<Account> {
  const emulators = await startEmulators(options.ports);
  teardown.add(() => emulators.stop());
  const { clients, destroy } = localClients(emulators.endpoints);
  teardown.add(destroy);
  const sns = new SnsApi(emulators.endpoints.sns);
  const services: Services = { clients, sns, functions: [], mappings: [], alarms: [], apis: [] };
  teardown.add(() => closeAll(services.apis));
  const stacks = await deployFirst(services);
  const metrics = new MetricStore();
  const clock: CloudClock = options.clock ?? systemClock();
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
  const mappingsApi = await MappingsApi.listen(workloads, options.ports?.lambda);
  teardown.add(() => mappingsApi.close());
  const alarmBook = new AlarmBook(metrics, services.alarms, clock.now());
  const api = cloudWatchApi({ store: metrics, book: alarmBook });
  const cloudWatch = await startServer(api, { port: options.ports?.cloudwatch ?? 0 });
  teardown.add(() => cloudWatch.close());
  const logGroups = logsApi(() => logGroupsOf(workloads.logSources()));
  const logs = await startServer(logGroups, { port: options.ports?.logs ?? 0 });
  teardown.add(() => logs.close());
  emulators.observe(serviceFeed(metrics, clock.now));
  const queueFeed = new QueueFeed(metrics, { metrics: clock.now, queues: Date.now });
  const sample = async () => queueFeed.take(await emulators.queues());
  const monitor = startMonitor(alarmBook, { sns, trouble, sample }, clock);
  teardown.add(() => monitor.stop());
  await workloads.reconcile(stacks);
  const endpoints = { ...emulators.endpoints, lambda: mappingsApi.url, cloudwatch: cloudWatch.url, logs: logs.url };
  return { emulators, endpoints, clients, services, workloads, metrics, alarmBook, monitor, clock, stacks };
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
