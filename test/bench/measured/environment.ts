/** The thread of one execution environment: loads a bundled function once and runs its handler on invocations that were handed over before. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { serve, threadChannel } from '../rpc.ts';

/** What the thread is started with. */
export interface EnvironmentData {
  /** The function's bundle. */
  readonly file: string;
}

/** What a handler of an event source mapping returns. Variants may say more of what they did. */
export interface HandlerAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
  /** Events that passed validation; only from the variant that does nothing else. */
  readonly valid?: number;
}

export interface EnvironmentService {
  /** Parses invocations, each a JSON text, in the order in which they are to run. Nothing of it is measured. */
  load(invocations: readonly string[]): void;
  /** Runs the next invocations, one after another. */
  run(count: number): Promise<readonly HandlerAnswer[]>;
  startProfile(): Promise<void>;
  /** Writes what was profiled since, in the format of Chrome's DevTools. */
  stopProfile(file: string): Promise<void>;
}

/** As the stages set it. */
const TIMEOUT_MS = 60_000;

if (parentPort === null) throw new Error('environment.ts runs as a worker thread of the bench only');
const { file } = workerData as EnvironmentData;
const exported: { handler?: unknown } = await import(pathToFileURL(file).href);
if (typeof exported.handler !== 'function') throw new Error(`${file} exports no handler`);
const handler = exported.handler as (event: unknown, context: object) => Promise<HandlerAnswer>;

let waiting: unknown[] = [];
let session: Session | undefined;

serve<EnvironmentService>(threadChannel(parentPort), {
  load: (invocations) => {
    waiting = invocations.map((text) => JSON.parse(text));
    // What parsing leaves behind is not to be collected while the handler is measured.
    globalThis.gc?.();
  },
  run: async (count) => {
    const answers: HandlerAnswer[] = [];
    for (const event of waiting.splice(0, count))
      answers.push(await handler(event, contextUntil(Date.now() + TIMEOUT_MS)));
    return answers;
  },
  startProfile: async () => {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
  },
  stopProfile: async (target) => {
    const stopped = await session?.post('Profiler.stop');
    writeFileSync(target, JSON.stringify(stopped?.profile));
    session?.disconnect();
  },
});

const contextUntil = (deadlineMs: number): object => ({
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
  memoryLimitInMB: '256',
  awsRequestId: 'bench',
  logGroupName: '/aws/lambda/bench',
  logStreamName: 'bench',
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
});
