import { cloudEventOf } from '../../../lambdas/aws/cloud-event.ts';
import type { DeadLetterMessage } from '../../../lambdas/aws/dead-letter-queue.ts';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import type { Attributes } from '../../../lambdas/core/row.ts';
import { createBatchRunner } from '../../../lambdas/runtime/batch.ts';
import type { DeadLetter } from '../../../lambdas/runtime/ports.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import type { ShopEvent } from '../../../lambdas/systems/profiles/events.ts';
import { profilesProcessor } from '../../../lambdas/systems/profiles/processor.ts';
import type { Facts, StoredRecord } from '../../../local/chaos/facts.ts';
import { type PlannedRecord, planLoad } from '../../../local/chaos/load.ts';
import { randomOf } from '../../../local/chaos/random.ts';
import { shopEvents } from '../../../local/demo/shop-events.ts';
import { readShopRows } from '../../../local/demo/shop-rows.ts';
import { memoryCheckpoints, memoryDeadLetters, memorySink } from '../../support/memory/edges.ts';
import { memoryStore } from '../../support/memory/store.ts';
import { seededRandom, virtualClock, virtualEnvironment } from '../../support/virtual-clock.ts';
import { collect } from '../cli/collect.ts';

export const shop = (): Promise<readonly ShopEvent[]> => collect(shopEvents(readShopRows()));

const BATCH = 50;

/** What the real runtime makes of a small load over ports in memory, where nothing goes wrong: facts without a fault. */
export async function runInMemory(): Promise<Facts> {
  const clock = virtualClock();
  const sent = planLoad(await shop(), { seconds: 20, rate: 20 }, randomOf(7));
  const stream = sent.map((record, nth) => stored(record, nth));
  const store = memoryStore();
  const sink = memorySink();
  const deadLetters = memoryDeadLetters();
  const ports = { store, sink, deadLetters, checkpoints: memoryCheckpoints() };
  const settings = { ...DEFAULTS, stream: 'shop' };
  const environment = virtualEnvironment(clock, seededRandom(1));
  const runner = createBatchRunner(profilesProcessor, catalogue, ports, environment, settings);
  for (let from = 0; from < stream.length; from += BATCH) {
    const batch = stream.slice(from, from + BATCH).map((record) => ({ ...record, arrivalMs: clock.now() }));
    const report = await clock.run(runner.run(batch, 60_000));
    if (report.failedFrom !== undefined) throw new Error('Nothing may fail here');
  }
  return {
    sent,
    stream,
    rows: store.keys().map((key) => store.item(key) ?? {}),
    commits: new Map(store.keys().map((key) => [key, versionsOf(store.history(key))])),
    letters: deadLetters.letters.map(messageOf),
    documents: [],
    updates: sink.accepted.map((addressed, nth) => {
      const { effect } = addressed;
      if (effect.kind !== 'publish') throw new Error('Profiles only publish');
      return published(Buffer.from(JSON.stringify(cloudEventOf(addressed, effect))), effect.subject, nth);
    }),
  };
}

const versionsOf = (history: readonly Attributes[]): ReadonlyMap<number, 'some' | 'none'> =>
  new Map(history.map((item, nth) => [nth + 1, item[ATTRIBUTES.outbox] === undefined ? 'none' : 'some']));

const stored = ({ partitionKey, data }: PlannedRecord, nth: number): StoredRecord => ({
  shard: 'shardId-000000000000',
  sequence: String(1_000 + nth),
  partitionKey,
  data,
});

/** The nth record of the stream of updates. */
export const published = (data: Uint8Array, partitionKey: string, nth: number): StoredRecord => ({
  shard: 'shardId-000000000000',
  sequence: String(1_000 + nth),
  partitionKey,
  data,
});

const messageOf = ({ id, processor, cause, position, payload }: DeadLetter): DeadLetterMessage => ({
  id,
  processor,
  ...cause,
  ...position,
  payload: Buffer.from(payload).toString('base64'),
});
