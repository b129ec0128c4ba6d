import { type BatchRunner, createBatchRunner } from '../../lambdas/runtime/batch.ts';
import type { RawRecord } from '../../lambdas/runtime/decode/record.ts';
import type { Environment } from '../../lambdas/runtime/ports.ts';
import { DEFAULTS } from '../../lambdas/runtime/settings.ts';
import { counter, record, testCatalogue } from '../support/counter.ts';
import {
  type FaultRates,
  type FaultyEnvironment,
  faultyEnvironment,
  NO_FAULTS,
  type World,
} from '../support/faults.ts';
import { memoryCheckpoints, memoryDeadLetters, memorySink } from '../support/memory/edges.ts';
import { memoryStore } from '../support/memory/store.ts';
import { seededRandom, virtualClock, virtualEnvironment } from '../support/virtual-clock.ts';

/** An event that a producer put, once or several times. */
export interface ProducedEvent {
  readonly id: string;
  readonly key: string;
  readonly throws: boolean;
}

/** A record of the stream. */
export interface Produced {
  readonly event: ProducedEvent;
  readonly raw: RawRecord;
}

/** What a run leaves for the oracle. */
export interface Run {
  readonly world: World;
  readonly produced: readonly Produced[];
  /** Sequence numbers that the event source mapping gave up on. */
  readonly discarded: ReadonlySet<string>;
  readonly deliveries: number;
}

const RATES: FaultRates = { fails: 0.06, losesAnswer: 0.04, stale: 0.3, misses: 0.2, crashes: 0.03 };
const DISCARD_RATE = 0.06;
const OLDER_BATCH_RATE = 0.15;
const TIME_OUT_MS = 60_000;
/** No run needs nearly as many deliveries; one that does has stopped making progress. */
const MOST_BATCHES = 3_000;

/**
 * One run of the real runtime: events with repeats over shards that split midway; batches cut at random, delivered by one consumer a shard
 * and, overlapping it, older batches again; functions that die, ports that fail, lose answers and lag; batches that are given up. At
 * the end faults cease, everything is delivered, and one last event a key settles what was given up between commit and effects.
 */
export async function simulateDelivery(seed: number): Promise<Run> {
  const random = seededRandom(seed);
  const clock = virtualClock();
  const world: World = {
    clock,
    random,
    store: memoryStore(),
    sink: memorySink(),
    deadLetters: memoryDeadLetters(),
    checkpoints: memoryCheckpoints(),
    rates: RATES,
    reached: new Map(),
  };
  const produced = produce(random, clock.now());
  const delivery = new Delivery(world, produced);
  await clock.run(delivery.toTheEnd());
  return { world, produced, discarded: delivery.discarded, deliveries: delivery.deliveries };
}

/** Sequence numbers grow over all shards, as a child's are above its parent's. */
const sequenceOf = (n: number): string => String(49_590_338_271_490_256n * 10n ** 39n + BigInt(n) * 65_536n);

function produce(random: () => number, nowMs: number): readonly Produced[] {
  const pick = (below: number): number => Math.floor(random() * below);
  const keys = Array.from({ length: 2 + pick(4) }, (_, n) => `key-${n}`);
  const count = 20 + pick(60);
  const splitAt = pick(count);
  const produced: Produced[] = [];
  for (let n = 0; n < count; n++) {
    const repeat = produced[pick(produced.length)];
    const fresh = { id: `e${n}`, key: keys[pick(keys.length)] ?? 'key-0', throws: random() < 0.05 };
    const event = repeat !== undefined && random() < 0.15 ? repeat.event : fresh;
    produced.push({ event, raw: recordOf(event, n, shardOf(event.key, n >= splitAt), nowMs - (count - n) * 500) });
  }
  return produced;
}

/** Keys live in two shards; the first splits in two. */
function shardOf(key: string, afterSplit: boolean): string {
  const n = Number(key.slice(4));
  if (n % 2 === 1) return 'shardId-000000000001';
  return afterSplit ? `shardId-00000000000${2 + ((n / 2) % 2)}` : 'shardId-000000000000';
}

const recordOf = ({ id, key, throws }: ProducedEvent, n: number, shard: string, arrivalMs: number): RawRecord =>
  record({ id, key, shard, sequence: sequenceOf(n), arrivalMs, data: throws ? { throws } : {} });

class Delivery {
  readonly discarded = new Set<string>();
  deliveries = 0;
  readonly #world: World;
  readonly #shards = new Map<string, RawRecord[]>();
  readonly #keys: ReadonlyMap<string, string>;
  /** Shared by all functions, since tokens must never repeat. */
  readonly #environment: Environment;
  #batches = 0;

  constructor(world: World, produced: readonly Produced[]) {
    this.#world = world;
    this.#environment = virtualEnvironment(world.clock, world.random);
    for (const { raw } of produced) {
      const records = this.#shards.get(raw.shard);
      if (records === undefined) this.#shards.set(raw.shard, [raw]);
      else records.push(raw);
    }
    this.#keys = new Map(produced.map(({ event, raw }) => [event.key, raw.shard]));
  }

  async toTheEnd(): Promise<void> {
    const parents = ['shardId-000000000000', 'shardId-000000000001'].map((shard) => this.#consume(shard));
    const children = ['shardId-000000000002', 'shardId-000000000003'].map(async (shard) => {
      await parents[0];
      await this.#consume(shard);
    });
    await Promise.all([...parents, ...children]);
    this.#world.rates = NO_FAULTS;
    const last = [...this.#keys].map(([key, shard], n) =>
      recordOf({ id: `last-${key}`, key, throws: false }, 1_000 + n, shard, this.#world.clock.now()),
    );
    for (const raw of last) await this.#untilApplied([raw]);
  }

  /** The consumer of one shard: it never gets past a batch that is not finished, unless it gives it up. */
  async #consume(shard: string): Promise<void> {
    const records = this.#shards.get(shard) ?? [];
    const { random } = this.#world;
    const overlapping: Promise<unknown>[] = [];
    let checkpoint = 0;
    let environment = this.#coldStart();
    while (checkpoint < records.length) {
      const batch = records.slice(checkpoint, checkpoint + 1 + Math.floor(random() * 12));
      if (random() < OLDER_BATCH_RATE) overlapping.push(this.#olderBatch(records, checkpoint, batch.length));
      const outcome = await this.#deliver(environment, batch);
      if (outcome === 'died') environment = this.#coldStart();
      const failed = outcome === 'died' ? 0 : outcome;
      if (failed < batch.length && random() < DISCARD_RATE) {
        for (const { sequence } of batch.slice(failed)) this.discarded.add(sequence);
        checkpoint += batch.length;
      } else checkpoint += failed;
    }
    await Promise.all(overlapping);
  }

  /**
   * Again from some older checkpoint, perhaps into the present batch: a poller that had not heard of the newer one. It never begins after
   * what is not finished, since no checkpoint ever was there.
   */
  async #olderBatch(records: readonly RawRecord[], checkpoint: number, ahead: number): Promise<void> {
    const { random } = this.#world;
    const from = Math.floor(random() * (checkpoint + 1));
    const to = Math.min(checkpoint + ahead, from + 1 + Math.floor(random() * 10));
    await this.#deliver(this.#coldStart(), records.slice(from, to));
  }

  async #untilApplied(batch: readonly RawRecord[]): Promise<void> {
    let failed: number | 'died';
    do failed = await this.#deliver(this.#coldStart(), batch);
    while (failed === 'died' || failed < batch.length);
  }

  /** Returns the index of the first record that is not finished, or that the function died. */
  async #deliver(
    { environment, runner }: { environment: FaultyEnvironment; runner: BatchRunner },
    batch: readonly RawRecord[],
  ): Promise<number | 'died'> {
    if (++this.#batches > MOST_BATCHES) throw new Error('No progress');
    this.deliveries += batch.length;
    const report = await Promise.race([runner.run(batch, TIME_OUT_MS), environment.died]);
    if (report === 'died') return 'died';
    for (const [name, count] of Object.entries(report.counts)) {
      this.#world.reached.set(name, (this.#world.reached.get(name) ?? 0) + count);
    }
    const failed = batch.findIndex(({ sequence }) => sequence === report.failedFrom);
    return failed === -1 ? batch.length : failed;
  }

  #coldStart(): { environment: FaultyEnvironment; runner: BatchRunner } {
    const environment = faultyEnvironment(this.#world);
    const settings = { ...DEFAULTS, stream: 'in' };
    return {
      environment,
      runner: createBatchRunner(counter, testCatalogue, environment.ports, this.#environment, settings),
    };
  }
}
