import { Worker } from 'node:worker_threads';
import { type CloudClock, stopwatch } from '../clock.ts';
import type { Endpoints } from '../emulators/emulators.ts';
import { systemClock } from '../esm/ports.ts';
import type { FunctionDefinition } from './definition.ts';
import { environmentVariables } from './environment-variables.ts';
import { type Died, died, type Outcome, ofExit, ofUncaught } from './outcome.ts';
import type { InvokeMessage, WorkerData, WorkerMessage } from './protocol.ts';

/** Lambda gives a function 10 s to load (Developer Guide, "Lambda execution environment lifecycle", Init phase). */
const INIT_TIMEOUT_MS = 10_000;

/**
 * Shares of a function's memory that V8's heap may take: the flags with which Lambda's Node.js runtime starts, which AWS
 * does not document: 90 % for the old space, 5 % for each of the three semi-spaces. Buffers lie outside of the heap.
 */
const OLD_SPACE_SHARE = 0.9;
const YOUNG_SPACE_SHARE = 0.15;

/** What is around an environment. */
export interface EnvironmentEdges {
  readonly endpoints: Endpoints;
  /** Receives what the function writes, in pieces. */
  readonly log: (text: string) => void;
  /** By which it runs and times out; the machine's by default. */
  readonly clock?: CloudClock;
}

/** One invocation of an environment. */
export interface Run {
  readonly outcome: Outcome;
  /** Without the time in which the function loaded. */
  readonly durationMs: number;
}

interface Invocation {
  readonly requestId: string;
  readonly settle: (outcome: Outcome) => void;
}

/**
 * One execution environment: a thread that loads the function once and runs one event at a time. It is not frozen
 * between events, as Lambda's are, and what it allocates outside of V8's heap counts for nothing.
 */
export class Environment {
  readonly logStream: string;
  readonly #definition: FunctionDefinition;
  readonly #clock: CloudClock;
  readonly #worker: Worker;
  readonly #ready: Promise<Died | undefined>;
  readonly #exited: Promise<void>;
  #invocation: Invocation | undefined;
  #end: Died | undefined;

  /** Starts the thread. */
  constructor(definition: FunctionDefinition, logStream: string, { endpoints, log, clock }: EnvironmentEdges) {
    this.#definition = definition;
    this.#clock = clock ?? systemClock();
    this.logStream = logStream;
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: workerData(definition, logStream, clock?.aheadMs?.()),
      env: environmentVariables(definition, logStream, endpoints),
      stdout: true,
      stderr: true,
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: definition.memoryMb * OLD_SPACE_SHARE,
        maxYoungGenerationSizeMb: definition.memoryMb * YOUNG_SPACE_SHARE,
      },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) stream.on('data', (chunk) => log(String(chunk)));
    const loaded = Promise.withResolvers<Died | undefined>();
    this.#ready = withinInit(loaded.promise, () =>
      this.kill(died('Runtime.InitError', 'Init timed out after 10 seconds')),
    );
    const exited = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message, loaded.resolve, log));
    this.#worker.on('error', (error) => {
      log(`${error instanceof Error ? error.stack : String(error)}\n`);
      this.#end ??= ofUncaught(error, definition.memoryMb);
    });
    this.#worker.on('exit', (code) => {
      this.#end ??= ofExit(code);
      loaded.resolve(this.#end);
      this.#settle(this.#end);
      exited.resolve();
    });
  }

  /** Whether it can take a further event; a handler that throws leaves it alive. */
  get alive(): boolean {
    return this.#end === undefined;
  }

  /**
   * Waits until the function has loaded, then runs its handler. The time-out counts from there and ends the thread.
   *
   * @param event JSON.
   */
  async invoke(requestId: string, event: string): Promise<Run> {
    const failed = (await this.#ready) ?? this.#end;
    if (failed) return { outcome: failed, durationMs: 0 };
    const elapsedMs = stopwatch(this.#clock);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const timeoutMs = this.#definition.timeoutSeconds * 1000;
    const deadlineMs = this.#clock.now() + timeoutMs;
    const message: InvokeMessage = { requestId, event, deadlineMs, aheadMs: this.#clock.aheadMs?.() ?? 0 };
    this.#invocation = { requestId, settle: resolve };
    this.#worker.postMessage(message);
    const seconds = this.#definition.timeoutSeconds.toFixed(2);
    const cancelTimeout = this.#clock.at(
      deadlineMs,
      () => void this.kill(died('Sandbox.Timedout', `Task timed out after ${seconds} seconds`)),
    );
    try {
      return { outcome: await promise, durationMs: elapsedMs() };
    } finally {
      cancelTimeout();
      this.#invocation = undefined;
    }
  }

  /** Ends the thread wherever it is, also inside an endless loop; an event under way fails for `reason`. */
  async kill(reason: Died = died('Runtime.ExitError', 'Runtime exited with error: signal: killed')): Promise<void> {
    this.#end ??= reason;
    await this.#worker.terminate();
    await this.#exited;
  }

  #receive(message: WorkerMessage, loaded: (failure?: Died) => void, log: (text: string) => void): void {
    switch (message.kind) {
      case 'log':
        log(message.text);
        break;
      case 'ready':
        loaded();
        break;
      case 'init-failed': {
        const { errorType, errorMessage, trace } = message.error;
        log(`${trace.join('\n')}\n`);
        void this.kill(died('Runtime.InitError', `${errorType}: ${errorMessage}`));
        break;
      }
      case 'returned':
        this.#settle({ kind: 'returned', payload: message.payload });
        break;
      case 'threw':
        this.#settle({ kind: 'threw', error: message.error });
    }
  }

  #settle(outcome: Outcome): void {
    this.#invocation?.settle(outcome);
  }
}

async function withinInit<T>(loaded: Promise<T>, expire: () => Promise<void>): Promise<T> {
  const timer = setTimeout(() => void expire(), INIT_TIMEOUT_MS);
  return loaded.finally(() => clearTimeout(timer));
}

const workerData = (definition: FunctionDefinition, logStream: string, aheadMs: number | undefined): WorkerData => ({
  directory: definition.directory,
  handler: definition.handler,
  functionName: definition.name,
  functionArn: definition.arn,
  memoryMb: definition.memoryMb,
  logGroup: definition.logGroup,
  logStream,
  ...(aheadMs === undefined ? {} : { aheadMs }),
});
