import type { CloudClock } from './clock.ts';
import { kinesisSource } from './esm/kinesis-source.ts';
import { Poller } from './esm/poller.ts';
import type { PollerPorts, ShardSource } from './esm/ports.ts';
import type { ShardCheckpoint, ShardStatus } from './esm/protocol.ts';
import type { EngineOptions } from './esm/settings.ts';
import type { LambdaFunction } from './lambda/function.ts';
import { mappingFeed } from './metrics/feeds.ts';
import type { MetricStore } from './metrics/store.ts';
import type { MappingDefinition, Services } from './resources/services.ts';
import type { Trouble } from './trouble.ts';

export interface MappingEdges {
  readonly services: Services;
  readonly target: LambdaFunction;
  readonly deliverOnFailure: PollerPorts['deliverOnFailure'];
  readonly metrics: MetricStore;
  /** By which it runs. */
  readonly clock: CloudClock;
  readonly trouble: (trouble: Trouble) => void;
  readonly engine: EngineOptions;
  /** Those of an earlier mapping, to go on where it stopped. */
  readonly checkpoints?: readonly ShardCheckpoint[];
}

/** States of a mapping, as Lambda names them; enabling takes no time here. */
export type MappingState = 'Enabled' | 'Disabling' | 'Disabled';

/** An event source mapping of a stack, at work between a local stream and a local function. */
export class Mapping {
  readonly definition: MappingDefinition;
  readonly streamName: string;
  readonly functionName: string;
  readonly #poller: Poller;
  readonly #clock: CloudClock;
  #lastAnswerMs = 0;
  #lastResult = 'No records processed';
  #enabled: boolean;
  #changedMs: number;

  /** @throws MappingSettingError for a setting outside of what AWS allows. */
  constructor(definition: MappingDefinition, edges: MappingEdges) {
    const { settings, countsEvents } = definition;
    const { clock } = edges;
    this.#clock = clock;
    this.#changedMs = clock.now();
    this.definition = definition;
    this.#enabled = definition.enabled;
    this.streamName = settings.streamArn.split('/').at(-1) ?? '';
    this.functionName = edges.target.definition.name;
    const { uuid } = settings;
    const { functionName } = this;
    this.#poller = new Poller({
      settings,
      clock,
      options: edges.engine,
      enabled: definition.enabled,
      ...(edges.checkpoints === undefined ? {} : { checkpoints: edges.checkpoints }),
      ports: {
        source: byClock(kinesisSource(edges.services.clients.kinesis, this.streamName), clock),
        invoke: async (event, signal) => {
          const result = await edges.target.invoke(event, signal);
          this.#lastAnswerMs = clock.now();
          this.#lastResult = result.kind === 'returned' ? 'OK' : 'PROBLEM: Function call failed';
          return result;
        },
        deliverOnFailure: edges.deliverOnFailure,
        metrics: mappingFeed(edges.metrics, { uuid, functionName, countsEvents }, clock.now),
        log: (event) => edges.trouble({ kind: 'mapping', uuid, functionName, event }),
      },
    });
  }

  get uuid(): string {
    return this.definition.settings.uuid;
  }

  /** Epoch milliseconds by its clock at which the function last answered; 0 before that. */
  get lastAnswerMs(): number {
    return this.#lastAnswerMs;
  }

  get isEnabled(): boolean {
    return this.#enabled;
  }

  get state(): MappingState {
    if (this.#enabled) return 'Enabled';
    return this.status().some(({ inFlight }) => inFlight > 0) ? 'Disabling' : 'Disabled';
  }

  /** What became of the last invocation, in the words of Lambda's LastProcessingResult. */
  get lastResult(): string {
    return this.#lastResult;
  }

  /** Epoch milliseconds at which it was made, or last paused or resumed. */
  get changedMs(): number {
    return this.#changedMs;
  }

  /** Every shard: its stage, how far it is processed, what is buffered and in flight, how far behind it is. */
  status(): readonly ShardStatus[] {
    return this.#poller.status();
  }

  checkpoints(): readonly ShardCheckpoint[] {
    return this.#poller.checkpoints();
  }

  /** Whether everything put before `sinceMs` is processed; by default whether that was so at the last reads. */
  isDrained(sinceMs?: number): boolean {
    return this.#poller.isDrained(sinceMs);
  }

  /** Resolves once everything put before `sinceMs` is processed; rejects if the mapping stops first. */
  drained(sinceMs: number): Promise<void> {
    return this.#poller.drained(sinceMs);
  }

  start(): void {
    this.#poller.start();
  }

  /** Begins nothing new; what is under way ends. */
  pause(): void {
    this.#poller.pause();
    this.#enabled = false;
    this.#changedMs = this.#clock.now();
  }

  resume(): void {
    this.#poller.resume();
    this.#enabled = true;
    this.#changedMs = this.#clock.now();
  }

  /** Stops for good once what is in flight has ended. @returns from where another mapping goes on. */
  async retire(): Promise<readonly ShardCheckpoint[]> {
    await this.#poller.stop('wait');
    return this.#poller.checkpoints();
  }

  /** Stops for good. What is in flight is abandoned. */
  stop(): Promise<void> {
    return this.#poller.stop('abandon');
  }
}

/** The stream stamps arrivals by the machine's clock; everything else of a mapping is by the cloud's. */
const byClock = (source: ShardSource, clock: CloudClock): ShardSource => ({
  listShards: (signal) => source.listShards(signal),
  read: async (shardId, from, limit, signal) => {
    const result = await source.read(shardId, from, limit, signal);
    const records = result.records.map((record) => {
      const aheadMs = clock.aheadMs?.(record.arrivalMs) ?? 0;
      return aheadMs === 0 ? record : { ...record, arrivalMs: record.arrivalMs + aheadMs };
    });
    return { ...result, records };
  },
});
