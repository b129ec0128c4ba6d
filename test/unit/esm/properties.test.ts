import fc from 'fast-check';
import type { ShardCheckpoint } from '../../../local/esm/protocol.ts';
import type { InvokeResult } from '../../../local/esm/types.ts';
import {
  failedItems,
  QUEUE_ARN,
  returned,
  START_MS,
  threw,
  throttled,
  VirtualEsm,
  type VirtualEsmConfig,
  type VirtualInvocation,
} from '../../support/virtual-esm.ts';
import { VirtualStream } from '../../support/virtual-stream.ts';
import { DeliveryModel } from './delivery-model.ts';

const LARGE = new Uint8Array(5_000_000);

const settings = fc.record({
  batchSize: fc.integer({ min: 1, max: 7 }),
  maximumBatchingWindowInSeconds: fc.constantFrom(0, 0, 1, 3),
  parallelizationFactor: fc.integer({ min: 1, max: 10 }),
  bisectBatchOnFunctionError: fc.boolean(),
  reportBatchItemFailures: fc.boolean(),
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 3),
  maximumRecordAgeInSeconds: fc.constantFrom(-1, 60),
});

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      shard: fc.nat(),
      keys: fc.array(fc.nat(12), { minLength: 1, maxLength: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('put-old' as const), shard: fc.nat(), key: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('put-large' as const), shard: fc.nat(), key: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('split' as const, 'merge' as const), shard: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 5_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'restart' as const) }) },
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** A small generator of its own, so that one seed gives one run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream, an engine that is restarted at will, a function that fails at random, and the model that watches them. */
class World {
  readonly #stream = new VirtualStream(2);
  readonly #model: DeliveryModel;
  readonly #config: VirtualEsmConfig & { readonly settings: NonNullable<VirtualEsmConfig['settings']> };
  readonly #random: () => number;
  #esm: VirtualEsm;

  constructor(of: typeof settings extends fc.Arbitrary<infer T> ? T : never, seed: number) {
    this.#random = randomFrom(seed);
    this.#model = new DeliveryModel(this.#stream, of.parallelizationFactor);
    this.#config = {
      stream: this.#stream,
      settings: { ...of, onFailureArn: QUEUE_ARN },
      options: { bufferRecords: 12, readLimit: 5, retryBaseMs: 20, retryCapMs: 200, jitter: this.#random },
      handler: (invocation) => this.#invoke(invocation),
      accept: (document) => {
        if (this.#random() < 0.3) return false;
        this.#model.discarded(document, this.#esm.nowMs + 1);
        return true;
      },
      fails: () => this.#random() < 0.1,
      readTakesMs: () => Math.floor(this.#random() * 50),
    };
    this.#esm = this.#start([], START_MS);
  }

  #start(checkpoints: readonly ShardCheckpoint[], startMs: number): VirtualEsm {
    return new VirtualEsm({ ...this.#config, checkpoints, startMs });
  }

  #invoke(invocation: VirtualInvocation): { result: InvokeResult; takesMs: number } {
    const takesMs = 1 + Math.floor(this.#random() * 400);
    const { result, processed } = this.#outcome(invocation);
    this.#model.invoked(invocation, processed, invocation.atMs + takesMs);
    return { result, takesMs };
  }

  #outcome({ sequenceNumbers }: VirtualInvocation): { result: InvokeResult; processed: number } {
    const dice = this.#random();
    if (dice < 0.15) return { result: threw(), processed: 0 };
    if (dice < 0.25) return { result: throttled(), processed: 0 };
    const { reportBatchItemFailures } = this.#config.settings;
    if (dice < 0.3 && reportBatchItemFailures) return { result: failedItems('no such record'), processed: 0 };
    if (dice < 0.5 && reportBatchItemFailures) {
      const index = Math.floor(this.#random() * sequenceNumbers.length);
      const later = sequenceNumbers.slice(index).filter(() => this.#random() < 0.5);
      return { result: failedItems(...later.toReversed(), sequenceNumbers[index]), processed: index };
    }
    return { result: returned(), processed: sequenceNumbers.length };
  }

  take(next: Action): void {
    const nowMs = this.#esm.nowMs;
    const open = this.#stream.openShards;
    const shard = 'shard' in next ? (open[next.shard % open.length] ?? '') : '';
    if (next.do === 'put') for (const key of next.keys) this.#stream.put(shard, `key-${key}`, nowMs);
    if (next.do === 'put-old') this.#stream.put(shard, `key-${next.key}`, nowMs, { arrivalMs: nowMs - 59_000 });
    if (next.do === 'put-large') this.#stream.put(shard, `key-${next.key}`, nowMs, { data: LARGE });
    if (next.do === 'split' && open.length < 6) this.#stream.split(shard);
    const other = open.find((id) => id !== shard);
    if (next.do === 'merge' && other !== undefined) this.#stream.merge(shard, other);
    if (next.do === 'wait') this.#esm.runFor(next.ms);
    if (next.do === 'pause') this.#esm.step({ kind: 'disable' });
    if (next.do === 'resume') this.#esm.step({ kind: 'enable' });
    if (next.do === 'restart') this.#restart();
  }

  #restart(): void {
    const checkpoints = this.#esm.engine.checkpoints();
    this.#model.restart(checkpoints, this.#esm.nowMs);
    this.#esm = this.#start(checkpoints, this.#esm.nowMs);
  }

  finish(): void {
    this.#esm.step({ kind: 'enable' });
    this.#esm.runUntilDrained(24 * 3_600_000);
    this.#model.checkComplete(this.#stream.listShards().map(({ shardId }) => shardId));
    this.#model.restart(this.#esm.engine.checkpoints(), this.#esm.nowMs);
  }
}

test('every record ends processed or in a document, in key order, children after parents, at most the factor at once, whatever fails, restarts or is resharded', () => {
  fc.assert(
    fc.property(settings, fc.integer(), fc.array(action, { minLength: 1, maxLength: 40 }), (of, seed, actions) => {
      const world = new World(of, seed);
      for (const next of actions) world.take(next);
      world.finish();
    }),
    { numRuns: 400 },
  );
});
