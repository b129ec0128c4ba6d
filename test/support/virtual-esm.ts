import { createEngine, type Engine } from '../../local/esm/engine.ts';
import type {
  Command,
  EngineInput,
  MetricDatum,
  MetricName,
  OnFailureDocument,
  ShardCheckpoint,
} from '../../local/esm/protocol.ts';
import type { EngineOptions } from '../../local/esm/settings.ts';
import type { InvokeResult, MappingSettings, StreamRecord } from '../../local/esm/types.ts';
import { VirtualStream } from './virtual-stream.ts';

/** An invocation as the function sees it. */
export interface VirtualInvocation {
  readonly atMs: number;
  readonly batchId: string;
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  readonly keys: readonly string[];
  readonly sequenceNumbers: readonly string[];
}

/** What the function answers, and how long it takes (1 ms if it does not say); 'hold' waits for {@link VirtualEsm.answer}. */
export type VirtualAnswer = InvokeResult | { readonly result: InvokeResult; readonly takesMs: number } | 'hold';

export interface VirtualEsmConfig {
  readonly settings?: Partial<MappingSettings>;
  readonly options?: EngineOptions;
  readonly stream?: VirtualStream;
  readonly startMs?: number;
  readonly checkpoints?: readonly ShardCheckpoint[];
  readonly handler?: (invocation: VirtualInvocation) => VirtualAnswer;
  /** false refuses a delivery; 'hold' never answers it. */
  readonly accept?: (document: OnFailureDocument) => boolean | 'hold';
  /** true fails a listing or read. */
  readonly fails?: (command: Command) => boolean;
  /** Time that a listing or read takes; 0 if not given. */
  readonly readTakesMs?: (command: Command) => number;
}

export const START_MS = Date.UTC(2026, 10, 1);

export const SETTINGS: MappingSettings = {
  uuid: '0f0e0d0c-0b0a-4908-8706-050403020100',
  streamArn: 'arn:aws:kinesis:eu-west-1:111111111111:stream/events',
  functionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:profiles',
  invokeIdentityArn: 'arn:aws:iam::111111111111:role/profiles',
  batchSize: 100,
  maximumBatchingWindowInSeconds: 0,
  parallelizationFactor: 1,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: false,
  maximumRetryAttempts: -1,
  maximumRecordAgeInSeconds: -1,
  startingPosition: 'TRIM_HORIZON',
};

export const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:111111111111:discarded';

let requests = 0;
const requestId = () => {
  requests += 1;
  return `request-${requests}`;
};

export const returned = (payload: unknown = null): InvokeResult => ({
  kind: 'returned',
  requestId: requestId(),
  payload,
});
export const threw = (): InvokeResult => ({
  kind: 'failed',
  requestId: requestId(),
  functionError: 'Unhandled',
  message: 'boom',
});
export const throttled = (): InvokeResult => ({ kind: 'throttled' });
export const failedItems = (...itemIdentifiers: unknown[]): InvokeResult =>
  returned({ batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) });

interface Due {
  readonly atMs: number;
  readonly input: EngineInput | { readonly kind: 'perform'; readonly command: Command };
}

/** No test's engine needs nearly as many; one that does is busy without getting anywhere. */
const MOST_TURNS = 50_000;

/** Drives an engine under virtual time: carries its commands out against a stream in memory and a function that a test gives. */
export class VirtualEsm {
  readonly engine: Engine;
  readonly stream: VirtualStream;
  readonly invocations: VirtualInvocation[] = [];
  readonly documents: OnFailureDocument[] = [];
  readonly commands: Command[] = [];
  readonly metrics: MetricDatum[] = [];
  nowMs: number;
  readonly #config: VirtualEsmConfig;
  #due: Due[] = [];
  #wakeAtMs: number | undefined;
  #turnsAtOnce = 0;
  #turns = 0;

  constructor(config: VirtualEsmConfig = {}) {
    this.#config = config;
    this.stream = config.stream ?? new VirtualStream();
    this.nowMs = config.startMs ?? START_MS;
    this.engine = createEngine({ ...SETTINGS, ...config.settings }, config.options, config.checkpoints);
    this.#wakeAtMs = this.nowMs;
  }

  /** Puts a record per key into a shard, now. */
  put(shardId: string, ...keys: string[]): readonly StreamRecord[] {
    return keys.map((key) => this.stream.put(shardId, key, this.nowMs));
  }

  /** Lets virtual time pass, everything due in it included. */
  runFor(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (let next = this.#nextMs(); next !== undefined && next <= untilMs; next = this.#nextMs()) this.#turn(next);
    this.nowMs = untilMs;
    return this;
  }

  /** Runs until the condition holds. Fails if it does not within a virtual hour, unless told otherwise. */
  runUntil(condition: () => boolean, withinMs = 3_600_000): this {
    const untilMs = this.nowMs + withinMs;
    while (!condition()) {
      const next = this.#nextMs();
      if (next === undefined || next > untilMs) throw new Error(`it did not happen within ${withinMs} virtual ms`);
      this.#turn(next);
    }
    return this;
  }

  /** Runs until all that is in the stream now is processed. */
  runUntilDrained(withinMs?: number): this {
    const sinceMs = this.nowMs;
    return this.runUntil(() => this.engine.isDrained(sinceMs), withinMs);
  }

  /** Gives the result of an invocation that the handler holds. */
  answer(invocation: VirtualInvocation | undefined, result: InvokeResult): this {
    if (!invocation) throw new Error('there is no such invocation to answer');
    this.step({ kind: 'batch-invoked', batchId: invocation.batchId, result });
    return this;
  }

  total(name: MetricName): number {
    return this.metrics.filter((datum) => datum.name === name).reduce((sum, datum) => sum + datum.value, 0);
  }

  /** The batches' sizes, in the order of their invocations. */
  get sizes(): readonly number[] {
    return this.invocations.map((invocation) => invocation.records.length);
  }

  step(input: EngineInput): void {
    const { commands, metrics, wakeAtMs } = this.engine.step(input, this.nowMs);
    this.commands.push(...commands);
    this.metrics.push(...metrics);
    this.#wakeAtMs = wakeAtMs;
    for (const command of commands) this.#carryOut(command);
  }

  #nextMs(): number | undefined {
    const earliest = this.#due.reduce((least, { atMs }) => Math.min(least, atMs), this.#wakeAtMs ?? Infinity);
    return Number.isFinite(earliest) ? earliest : undefined;
  }

  #turn(atMs: number): void {
    this.#turnsAtOnce = atMs > this.nowMs ? 0 : this.#turnsAtOnce + 1;
    if (this.#turnsAtOnce > 10_000) throw new Error('virtual time stands still: the engine goes round in a loop');
    this.#turns += 1;
    if (this.#turns > MOST_TURNS) throw new Error(`${MOST_TURNS} turns, and no end: the engine makes no progress`);
    this.nowMs = Math.max(this.nowMs, atMs);
    const next = this.#due.find((due) => due.atMs === atMs);
    if (!next) {
      this.step({ kind: 'tick' });
      return;
    }
    this.#due = this.#due.filter((due) => due !== next);
    this.step(next.input.kind === 'perform' ? this.#perform(next.input.command) : next.input);
  }

  #later(ms: number, input: Due['input']): void {
    this.#due.push({ atMs: this.nowMs + ms, input });
  }

  #carryOut(command: Command): void {
    if (command.kind === 'invoke') this.#invoke(command);
    else if (command.kind === 'deliver') this.#deliver(command);
    else this.#later(this.#config.readTakesMs?.(command) ?? 0, { kind: 'perform', command });
  }

  #perform(command: Command): EngineInput {
    const fails = this.#config.fails?.(command) ?? false;
    if (command.kind === 'list-shards') {
      return fails ? { kind: 'list-failed' } : { kind: 'shards-listed', shards: this.stream.listShards() };
    }
    if (command.kind !== 'read') throw new Error(`${command.kind} is no read`);
    const { shardId, from, limit } = command;
    if (fails) return { kind: 'read-failed', shardId };
    return { kind: 'records-read', shardId, ...this.stream.read(shardId, from, limit, this.nowMs) };
  }

  #invoke({ batchId, shardId, records }: Extract<Command, { kind: 'invoke' }>): void {
    const keys = records.map((record) => record.partitionKey);
    const sequenceNumbers = records.map((record) => record.sequenceNumber);
    const invocation = { atMs: this.nowMs, batchId, shardId, records, keys, sequenceNumbers };
    this.invocations.push(invocation);
    const answer = this.#config.handler?.(invocation) ?? returned();
    if (answer === 'hold') return;
    const { result, takesMs } = 'result' in answer ? answer : { result: answer, takesMs: 1 };
    this.#later(takesMs, { kind: 'batch-invoked', batchId, result });
  }

  #deliver({ deliveryId, document }: Extract<Command, { kind: 'deliver' }>): void {
    const accepted = this.#config.accept?.(document) ?? true;
    if (accepted === 'hold') return;
    if (accepted) this.documents.push(document);
    this.#later(1, { kind: 'delivery-settled', deliveryId, accepted });
  }
}
