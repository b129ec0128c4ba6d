/** The process of one variant: execution environments as threads, and the CPU time that all of it takes. */
import { Worker } from 'node:worker_threads';
import { parentChannel, type Remote, remote, serve, threadChannel } from '../rpc.ts';
import type { EnvironmentData, EnvironmentService, HandlerAnswer } from './environment.ts';

export interface HostService {
  /** Starts environments until there are `count`. */
  start(file: string, count: number): Promise<void>;
  /** Hands an environment the invocations that it is to run next, each a JSON text. */
  load(environment: number, invocations: readonly string[]): Promise<void>;
  /** Runs what was loaded, one invocation after another, each in the environment named. */
  run(environments: readonly number[]): Promise<Ran>;
  startProfile(): Promise<void>;
  stopProfile(file: string): Promise<void>;
}

/** What a run took. */
export interface Ran {
  /** User and system time of the whole process, in microseconds: compiling and garbage collection by other threads included. */
  readonly cpuMicros: number;
  readonly elapsedMs: number;
  readonly answers: readonly HandlerAnswer[];
}

const environments: Remote<EnvironmentService>[] = [];

function startEnvironment(file: string): Remote<EnvironmentService> {
  const worker = new Worker(new URL('./environment.ts', import.meta.url), {
    workerData: { file } satisfies EnvironmentData,
  });
  const gone = Promise.withResolvers<never>();
  worker.once('error', (error) => gone.reject(error));
  worker.once('exit', (code) => gone.reject(new Error(`An environment of ${file} ended by itself: status ${code}`)));
  return remote<EnvironmentService>(threadChannel(worker), gone.promise);
}

function environment(index: number): Remote<EnvironmentService> {
  const found = environments[index];
  if (found === undefined) throw new Error(`There is no environment ${index}: ${environments.length} are started`);
  return found;
}

/** Consecutive invocations of one environment take one message, so that messages weigh nothing. */
function* stretches(order: readonly number[]): Generator<{ readonly index: number; readonly count: number }> {
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && order[to] === order[from]) to++;
    yield { index: order[from] ?? 0, count: to - from };
  }
}

serve<HostService>(parentChannel(), {
  start: async (file, count) => {
    while (environments.length < count) environments.push(startEnvironment(file));
    // An answer proves that the function has loaded.
    await Promise.all(environments.map((one) => one.load([])));
  },
  load: (index, invocations) => environment(index).load(invocations),
  run: async (order) => {
    const answers: HandlerAnswer[] = [];
    const startedMs = performance.now();
    const before = process.cpuUsage();
    for (const { index, count } of stretches(order)) answers.push(...(await environment(index).run(count)));
    const { user, system } = process.cpuUsage(before);
    return { cpuMicros: user + system, elapsedMs: performance.now() - startedMs, answers };
  },
  startProfile: () => environment(0).startProfile(),
  stopProfile: (file) => environment(0).stopProfile(file),
});
