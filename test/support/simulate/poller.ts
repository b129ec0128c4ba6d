import { createEngine, type Engine } from '../../../local/esm/engine.ts';
import { laneIndexOf } from '../../../local/esm/lane.ts';
import type { Command, EngineInput, OnFailureDocument, ShardCheckpoint } from '../../../local/esm/protocol.ts';
import type { Invocation, SimulatedFunction } from './function.ts';
import type { MappingPlan } from './plan.ts';
import { reach } from './reached.ts';
import type { SimulatedStream, StoredRecord } from './stream.ts';
import type { World } from './world.ts';

type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** What a poller tells its mapping. */
export interface PollerEvents {
  /** A batch is handed to the function. */
  onInvoke(records: readonly StoredRecord[]): void;
  /** Checkpoints may have moved. */
  onProgress(): void;
  /** The on-failure destination has taken a document about these records. */
  onDiscard(records: readonly StoredRecord[], document: OnFailureDocument): void;
}

/**
 * Drives one event source mapping engine in virtual time. A read that finds nothing waits for the shard's next record or its end, so that
 * hours without events cost nothing.
 */
export class SimulatedPoller {
  readonly name: string;
  readonly #world: World;
  readonly #plan: MappingPlan;
  readonly #stream: SimulatedStream;
  readonly #function: SimulatedFunction;
  readonly #events: PollerEvents;
  readonly #engine: Engine;
  readonly #waiting = new Map<string, () => void>();
  readonly #invocations = new Set<Invocation>();
  readonly #failedTogether = new Set<string>();
  readonly #seenWaiting = new Set<string>();
  #stopped = false;
  #cancelWake: (() => void) | undefined;
  #wakeAtMs: number | undefined;

  constructor(
    name: string,
    world: World,
    plan: MappingPlan,
    parts: { readonly stream: SimulatedStream; readonly function: SimulatedFunction },
    events: PollerEvents,
    checkpoints?: readonly ShardCheckpoint[],
  ) {
    this.name = name;
    this.#world = world;
    this.#plan = plan;
    this.#stream = parts.stream;
    this.#function = parts.function;
    this.#events = events;
    const options = { ...plan.options, jitter: world.random.next };
    this.#engine = createEngine(plan.settings, options, checkpoints);
  }

  start(): void {
    this.#step({ kind: 'tick' });
  }

  /** It is gone: nothing that it has begun is heard of again, and functions run on unheard. */
  stop(): void {
    this.#stopped = true;
    this.#cancelWake?.();
    for (const invocation of this.#invocations) invocation.abandon();
  }

  checkpoints(): readonly ShardCheckpoint[] {
    return this.#engine.checkpoints();
  }

  /** The shard has something new. */
  wake(shardId: string): void {
    const read = this.#waiting.get(shardId);
    if (read === undefined) return;
    this.#waiting.delete(shardId);
    this.#world.scheduler.after(this.#world.random.between(1, this.#plan.gatherMs), read);
  }

  /** Whether everything in the stream is processed: by its records and its own checkpoints, not by what the engine says of itself. */
  get drained(): boolean {
    const status = new Map(this.#engine.status().map((shard) => [shard.shardId, shard]));
    return this.#stream.listShards().every(({ shardId, records, closed }) => {
      const shard = status.get(shardId);
      if (shard?.stage === 'done') return closed;
      return shard?.stage === 'open' && shard.buffered === 0 && shard.checkpoint === records.at(-1)?.sequenceNumber;
    });
  }

  #step(input: EngineInput): void {
    if (this.#stopped) return;
    const { commands, wakeAtMs } = this.#engine.step(input, this.#world.scheduler.now());
    if (wakeAtMs !== this.#wakeAtMs || input.kind === 'tick') this.#wakeAt(wakeAtMs);
    for (const command of commands) this.#carryOut(command);
  }

  #wakeAt(atMs: number | undefined): void {
    this.#cancelWake?.();
    this.#wakeAtMs = atMs;
    this.#cancelWake =
      atMs === undefined ? undefined : this.#world.scheduler.at(atMs, () => this.#step({ kind: 'tick' }));
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case 'list-shards':
        this.#ask(
          () => ({ kind: 'shards-listed', shards: this.#stream.listShards() }),
          () => ({ kind: 'list-failed' }),
        );
        break;
      case 'read':
        this.#read(command);
        break;
      case 'invoke':
        this.#invoke(command);
        break;
      case 'deliver':
        this.#deliver(command);
    }
  }

  #read({ shardId, from, limit }: CommandOf<'read'>): void {
    const { scheduler, weather } = this.#world;
    const read = (): void => {
      const result = this.#stream.read(shardId, from, limit, scheduler.now());
      if (result.records.length === 0 && !result.exhausted) this.#waiting.set(shardId, read);
      else this.#step({ ...result, kind: 'records-read', shardId });
    };
    const slownessMs = weather.slowness(`${this.#stream.name}/${shardId}`);
    if (slownessMs > 0) this.#world.trace?.add(this.name, `shard ${Number(shardId.slice(-12))} is slow`);
    if (this.#world.deck.strikes('read-failure')) {
      scheduler.after(slownessMs + 20, () => this.#step({ kind: 'read-failed', shardId }));
    } else scheduler.after(slownessMs + this.#world.requests.latency(), read);
  }

  #ask(answer: () => EngineInput, failure: () => EngineInput): void {
    const { deck, scheduler, requests } = this.#world;
    const fails = deck.strikes('read-failure');
    scheduler.after(requests.latency(), () => {
      this.#step(fails ? failure() : answer());
      this.#lookForWaiting();
    });
  }

  /** Child shards that have records and must wait for their parents. */
  #lookForWaiting(): void {
    for (const { shardId, stage } of this.#engine.status()) {
      if (stage !== 'waiting-for-parents' || this.#seenWaiting.has(shardId)) continue;
      if (this.#stream.shard(shardId).records.length === 0) continue;
      this.#seenWaiting.add(shardId);
      reach(this.#world.reached, 'child-shard-waiting');
      this.#world.trace?.add(this.name, `shard ${Number(shardId.slice(-12))} waits for its parents`);
    }
  }

  #invoke({ batchId, records: given }: CommandOf<'invoke'>): void {
    const records = given as readonly StoredRecord[];
    const [only] = records;
    if (records.length === 1 && only !== undefined && this.#failedTogether.delete(only.sequenceNumber)) {
      reach(this.#world.reached, 'bisect-to-one-record');
    }
    const invocation = this.#function.invoke(records, (result) => {
      this.#invocations.delete(invocation);
      if (result.kind === 'failed' && records.length > 1) {
        for (const { sequenceNumber } of records) this.#failedTogether.add(sequenceNumber);
      }
      this.#step({ kind: 'batch-invoked', batchId, result });
      if (!this.#stopped) this.#events.onProgress();
    });
    this.#invocations.add(invocation);
    this.#events.onInvoke(records);
  }

  #deliver({ deliveryId, shardId, document }: CommandOf<'deliver'>): void {
    const records = this.#recordsOf(shardId, document);
    const land = (): void => {
      const numbers = records.map(({ order }) => `#${order}`).join(' ');
      this.#world.trace?.add(this.name, `gives up ${numbers}: ${document.requestContext.condition}`);
      this.#events.onDiscard(records, document);
    };
    this.#world.requests.sendSafely({ port: 'on-failure', loses: 'queue-answer-lost', land }, (landed) => {
      this.#step({ kind: 'delivery-settled', deliveryId, accepted: !('error' in landed) });
      if (!this.#stopped) this.#events.onProgress();
    });
  }

  /** A document names the first and last record of a batch; between them lie those of the other lanes as well. */
  #recordsOf(shardId: string, { KinesisBatchInfo }: OnFailureDocument): readonly StoredRecord[] {
    const { startSequenceNumber, endSequenceNumber, batchSize } = KinesisBatchInfo;
    const { parallelizationFactor } = this.#plan.settings;
    const { records } = this.#stream.shard(shardId);
    const laneOf = ({ partitionKey }: StoredRecord): number => laneIndexOf(partitionKey, parallelizationFactor);
    const first = records.findIndex(({ sequenceNumber }) => sequenceNumber === startSequenceNumber);
    const last = records.findIndex(({ sequenceNumber }) => sequenceNumber === endSequenceNumber);
    const between = records.slice(first, last + 1);
    const lane = between[0] === undefined ? 0 : laneOf(between[0]);
    const discarded = between.filter((record) => laneOf(record) === lane);
    if (discarded.length !== batchSize) {
      const message = `${this.name}: a document names ${batchSize} records of ${shardId}, its range holds ${discarded.length}`;
      this.#world.breaches.push({ kind: 'defect', message });
    }
    return discarded;
  }
}
