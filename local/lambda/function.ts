import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../clock.ts';
import type { Endpoints } from '../emulators/emulators.ts';
import type { InvokeResult } from '../esm/types.ts';
import type { FunctionDefinition } from './definition.ts';
import { Environment, type Run } from './environment.ts';
import { Environments } from './environments.ts';
import { FunctionLog, type LogLine } from './log-stream.ts';
import { MAX_PAYLOAD_BYTES, resultOf, withinSize } from './outcome.ts';
import { platformLines } from './platform-log.ts';
import { Slots } from './slots.ts';

/** What a function tells about itself; the names are those of Lambda's metrics. */
export type FunctionMetric = 'Invocations' | 'Errors' | 'Throttles' | 'Duration' | 'ConcurrentExecutions';

export interface FunctionOptions {
  readonly endpoints: Endpoints;
  /** Environments at a time at most, because the machine is small. Invocations beyond it wait. */
  readonly environments: number;
  readonly metric: (name: FunctionMetric, value: number) => void;
  readonly logLine: (line: LogLine) => void;
  readonly logFile?: string;
  /** By which it runs and times out; the machine's by default. */
  readonly clock?: CloudClock;
}

/** A function and its execution environments. */
export class LambdaFunction {
  #definition: FunctionDefinition;
  readonly #options: FunctionOptions;
  readonly #log: FunctionLog;
  readonly #slots: Slots;
  readonly #environments = new Environments(() => this.#start());
  readonly #inFlight = new Set<Promise<InvokeResult>>();
  #lastFailure: string | undefined;
  #stopped = false;

  constructor(definition: FunctionDefinition, options: FunctionOptions) {
    this.#definition = definition;
    this.#options = options;
    this.#slots = new Slots(options.environments);
    this.#log = new FunctionLog(options.logLine, options.logFile);
  }

  get definition(): FunctionDefinition {
    return this.#definition;
  }

  /** Environments started so far. */
  get coldStarts(): number {
    return this.#environments.started;
  }

  /** Why the last invocation that failed did so: error type, message and trace. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** Invocations that run or wait for an environment. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The last lines that the function wrote, oldest first. */
  logs(): readonly LogLine[] {
    return this.#log.lines();
  }

  /**
   * Invokes the function and waits for its answer. Beyond its reserved concurrency, or once stopped, it is throttled;
   * beyond what the machine allows it waits.
   *
   * @param signal ends the invocation, its environment included, as a crash does.
   * @throws RangeError if the event is larger than 6 MB: nothing has run then.
   */
  async invoke(event: unknown, signal?: AbortSignal): Promise<InvokeResult> {
    const json = JSON.stringify(event);
    const bytes = Buffer.byteLength(json);
    if (bytes > MAX_PAYLOAD_BYTES) {
      throw new RangeError(
        `${this.definition.name}: an event of ${bytes} bytes is over the limit of ${MAX_PAYLOAD_BYTES}`,
      );
    }
    const reserved = this.definition.reservedConcurrency ?? Number.POSITIVE_INFINITY;
    if (this.#stopped || this.inFlight >= reserved) return this.#throttle();
    const invocation = this.#inSlot(json, signal).finally(() => this.#inFlight.delete(invocation));
    this.#inFlight.add(invocation);
    return invocation;
  }

  /**
   * Kills an environment, as a host that dies would: a busy one if there is one, else an idle one.
   *
   * @returns whether there was one.
   */
  kill(): boolean {
    return this.#environments.killOne();
  }

  /**
   * Replaces the code, as a deployment does: what is under way ends on the old code, what begins from now on runs the new one.
   *
   * @param directory of the bundled code, which must stay until the function stops.
   */
  deploy(directory: string): void {
    this.redefine({ ...this.#definition, directory });
  }

  /** As `deploy`, with new code, settings or both. The name must stay. */
  redefine(definition: FunctionDefinition): void {
    this.#definition = definition;
    this.#environments.replace();
  }

  /** Ends all environments; what they were doing fails, what waited is throttled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#slots.close();
    await this.#environments.killAll();
    await Promise.allSettled(this.#inFlight);
    await this.#log.close();
  }

  async #inSlot(json: string, signal: AbortSignal | undefined): Promise<InvokeResult> {
    if (!(await this.#slots.take(signal))) return this.#throttle();
    try {
      return this.#stopped ? this.#throttle() : await this.#run(json, signal);
    } finally {
      this.#slots.release();
    }
  }

  async #run(json: string, signal: AbortSignal | undefined): Promise<InvokeResult> {
    const environment = this.#environments.acquire();
    this.#options.metric('ConcurrentExecutions', this.#environments.busy);
    const requestId = randomUUID();
    const abort = () => void environment.kill();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      return this.#report(requestId, environment.logStream, await environment.invoke(requestId, json));
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#environments.release(environment);
    }
  }

  #start(): Environment {
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const { endpoints, clock } = this.#options;
    return new Environment(this.definition, logStream, {
      endpoints,
      log: this.#log.writer(logStream),
      ...(clock === undefined ? {} : { clock }),
    });
  }

  #report(requestId: string, logStream: string, { outcome: ended, durationMs }: Run): InvokeResult {
    const outcome = withinSize(ended);
    const result = resultOf(requestId, outcome);
    this.#options.metric('Invocations', 1);
    this.#options.metric('Errors', result.kind === 'failed' ? 1 : 0);
    this.#options.metric('Duration', durationMs);
    if (result.kind === 'failed') this.#lastFailure = result.message;
    const write = this.#log.writer(logStream);
    const time = new Date().toISOString();
    for (const line of platformLines(this.#definition, time, requestId, { outcome, durationMs })) write(`${line}\n`);
    return result;
  }

  #throttle(): InvokeResult {
    this.#options.metric('Throttles', 1);
    return { kind: 'throttled' };
  }
}
