import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { createProducer, type ProducerMetrics, type SettingsInput } from '../../lambdas/producer/index.ts';
import { itemAdded } from '../../lambdas/systems/profiles/events.ts';
import type { Emulators } from '../../local/emulators/emulators.ts';
import { eventsIn, faultsOf, readStream } from './read-back.ts';
import { createStream } from './streams.ts';
import { overloaded, STORM, type Struck, seeded, stormy, type Weather } from './weather.ts';

export interface StormOptions {
  readonly events: number;
  readonly keys: number;
  readonly shards: number;
  readonly seed: number;
  readonly stream: string;
  readonly settings?: SettingsInput;
  /** Default: STORM. */
  readonly weather?: Weather;
}

/** What a run in a storm came to. */
export interface StormReport {
  readonly metrics: ProducerMetrics;
  readonly struck: Struck;
  /** Events that the stream holds, repeats included. */
  readonly held: number;
  readonly records: number;
  /** Empty if nothing is lost and every key is in order. */
  readonly faults: readonly string[];
  /** Most that the buffer held. */
  readonly mostBuffered: { readonly events: number; readonly bytes: number };
  readonly elapsedMs: number;
}

/** Sends events of many keys through a storm: entries throttled, whole calls failing, answers lost; then reads the stream back. */
export async function runStorm(
  emulators: Emulators,
  client: KinesisClient,
  { events, keys, shards, seed, stream, settings, weather = STORM }: StormOptions,
): Promise<StormReport> {
  await createStream(client, stream, shards);
  const random = seeded(seed);
  const struck: Struck = { entries: 0, calls: 0, answers: 0 };
  emulators.setFaultHook(stormy(weather, random, struck));
  const sent = new Map<string, string[]>();
  const most = { events: 0, bytes: 0 };
  const startMs = performance.now();
  const producer = createProducer({
    stream,
    source: 'urn:bench',
    client: overloaded(client, weather.entryThrottled, random, struck),
    ...settings,
  });
  for (let nth = 0; nth < events; nth++) {
    const subject = `user-${Math.floor(random() * keys)}`;
    const id = `e${nth}`;
    const data = { productId: `product-${nth % 97}`, quantity: 1, unitPrice: nth % 10_000, currency: 'USD' };
    await producer.send(itemAdded, { subject, id, data });
    const ids = sent.get(subject);
    if (ids === undefined) sent.set(subject, [id]);
    else ids.push(id);
    const { buffered } = producer.metrics();
    most.events = Math.max(most.events, buffered.events);
    most.bytes = Math.max(most.bytes, buffered.bytes);
  }
  await producer.close();
  const elapsedMs = performance.now() - startMs;
  emulators.setFaultHook();
  const held = await readStream(client, stream);
  return {
    metrics: producer.metrics(),
    struck,
    held: eventsIn(held),
    records: held.length,
    faults: faultsOf(held, sent),
    mostBuffered: most,
    elapsedMs,
  };
}
