import type { OnFailureDocument, ShardCheckpoint } from '../../../local/esm/protocol.ts';
import type { SimulatedFunction } from './function.ts';
import type { Happening } from './happenings.ts';
import { ancestryOf } from './lineage.ts';
import type { MappingPlan } from './plan.ts';
import { SimulatedPoller } from './poller.ts';
import { reach } from './reached.ts';
import type { Services } from './services.ts';
import type { StoredRecord } from './stream.ts';
import { eventsIn } from './streams.ts';
import type { World } from './world.ts';

/** As many former checkpoints are kept as a lagging poller might still start from. */
const MOST_SNAPSHOTS = 60;

/** A system's event source mapping: the poller that counts, those that should no longer be there, and the checkpoints that it left behind. */
export class SimulatedMapping {
  /** Orders of the records that it gave up, with the documents' condition. */
  readonly discarded = new Map<number, string>();
  readonly #world: World;
  readonly #plan: MappingPlan;
  readonly #services: Services;
  readonly #function: SimulatedFunction;
  readonly #snapshots: (readonly ShardCheckpoint[])[] = [];
  #pollers: SimulatedPoller[] = [];
  #poller: SimulatedPoller;
  #started = 0;

  constructor(world: World, plan: MappingPlan, services: Services, fn: SimulatedFunction) {
    this.#world = world;
    this.#plan = plan;
    this.#services = services;
    this.#function = fn;
    this.#poller = this.#startPoller();
    services.stream.onChange = (shardId) => {
      for (const poller of this.#pollers) poller.wake(shardId);
    };
  }

  get drained(): boolean {
    return this.#poller.drained;
  }

  start(): void {
    this.#poller.start();
  }

  /** The poller dies. Its successor starts from a former checkpoint, mostly the last. */
  restart({ back }: Extract<Happening, { kind: 'poller-restart' }>): void {
    this.#world.deck.count('poller-restart');
    this.#end(this.#poller);
    this.#poller = this.#startPoller(back < 0.6 ? this.#snapshots.at(-1) : this.#former(back));
    this.#poller.start();
  }

  /** A poller that has not heard of the others starts from a former checkpoint, never above one, and delivers some batches. */
  redeliver({ back, batches }: Extract<Happening, { kind: 'redelivery' }>): void {
    const from = this.#former(back);
    if (from === undefined) return;
    let left = batches;
    const poller = this.#startPoller(from, () => {
      if (left-- === 0) this.#end(poller);
      else this.#world.deck.count('redelivery');
    });
    poller.start();
  }

  /** Only the poller that counts is left. */
  endOthers(): void {
    for (const poller of this.#pollers) if (poller !== this.#poller) this.#end(poller);
  }

  #former(back: number): readonly ShardCheckpoint[] | undefined {
    return this.#snapshots[Math.floor(back * this.#snapshots.length)];
  }

  #end(poller: SimulatedPoller): void {
    poller.stop();
    this.#pollers = this.#pollers.filter((other) => other !== poller);
  }

  #startPoller(checkpoints?: readonly ShardCheckpoint[], onInvoke?: () => void): SimulatedPoller {
    const name = `${this.#plan.system.name} poller ${++this.#started}`;
    const parts = { stream: this.#services.stream, function: this.#function };
    const poller: SimulatedPoller = new SimulatedPoller(
      name,
      this.#world,
      this.#plan,
      parts,
      {
        onInvoke: () => onInvoke?.(),
        onProgress: () => {
          if (poller === this.#poller) this.#remember(poller.checkpoints());
        },
        onDiscard: (records, document) => this.#discard(records, document),
      },
      checkpoints,
    );
    this.#pollers.push(poller);
    const from = checkpoints === undefined ? 'the beginning' : 'a checkpoint';
    this.#world.trace?.add(name, `starts from ${from}${onInvoke === undefined ? '' : ', beside the one that counts'}`);
    return poller;
  }

  #remember(checkpoints: readonly ShardCheckpoint[]): void {
    this.#snapshots.push(checkpoints);
    if (this.#snapshots.length > MOST_SNAPSHOTS) this.#snapshots.shift();
  }

  #discard(records: readonly StoredRecord[], { requestContext }: OnFailureDocument): void {
    const kind = requestContext.condition === 'RecordAgeExceeded' ? 'discard-age' : 'discard-attempts';
    for (const record of records) {
      if (this.discarded.has(record.order)) continue;
      this.discarded.set(record.order, requestContext.condition);
      this.#world.deck.count(kind);
      if (this.#isUnsettled(record)) reach(this.#world.reached, 'discard-after-commit');
    }
  }

  /** Whether a record is in the last commit of its key, whose effects no checkpoint proves to be sent. */
  #isUnsettled({ partitionKey, data }: StoredRecord): boolean {
    const last = ancestryOf(this.#services.table.last(partitionKey)).at(-1);
    if (last?.row.outbox === undefined || this.#services.checkpoints.written.has(last.row.token)) return false;
    const ids = new Set(eventsIn(data).map(({ id }) => id));
    return last.applied.some(({ id }) => ids.has(id));
  }
}
