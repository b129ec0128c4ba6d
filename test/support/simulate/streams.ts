import type { FaultDeck } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulatedStream, type StoredRecord } from './stream.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

/** A record on its way into a stream. */
export interface Entry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** What became of an entry: the record, or Kinesis's error code. */
export type Taken = StoredRecord | string;

const THROTTLED = 'ProvisionedThroughputExceededException';

/** The streams of a run, by logical name. One that nobody consumes comes into being with its first record. */
export class Streams {
  readonly #byName = new Map<string, SimulatedStream>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #deck: FaultDeck;
  readonly #weather: Weather;
  readonly #trace: Trace | undefined;

  constructor(scheduler: Scheduler, random: Random, deck: FaultDeck, weather: Weather, trace: Trace | undefined) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#deck = deck;
    this.#weather = weather;
    this.#trace = trace;
  }

  create(name: string, shards: number): SimulatedStream {
    const stream = new SimulatedStream(name, shards, this.#scheduler.now());
    this.#byName.set(name, stream);
    return stream;
  }

  get(name: string): SimulatedStream {
    return this.#byName.get(name) ?? this.create(name, 1);
  }

  all(): readonly SimulatedStream[] {
    return [...this.#byName.values()];
  }

  /** PutRecords, at the moment at which it lands. A record that is refused does not stop the later ones. */
  take(name: string, entries: readonly Entry[], late: boolean): readonly Taken[] {
    const stream = this.get(name);
    const refused = entries.length > 1 && this.#deck.strikes('partial-put') ? this.#random.between(0.1, 0.9) : 0;
    return entries.map(({ partitionKey, data }) => {
      if (this.#random.chance(refused) || this.#weather.refusalOf('streams', partitionKey) !== undefined) {
        this.#trace?.add(name, `refused a record of ${partitionKey}`);
        return THROTTLED;
      }
      const record = stream.put(partitionKey, data, this.#scheduler.now());
      this.#trace?.add(name, `${late ? 'late: ' : ''}put ${describeRecord(record)}`);
      return record;
    });
  }
}

/** `#12 in shard 3 for key-1: e17`. */
export const describeRecord = (record: StoredRecord): string =>
  `#${record.order} in shard ${Number(record.shardId.slice(-12))} for ${record.partitionKey}: ${contentOf(record.data)}`;

/** Ids of the events in a record, for people. */
export function contentOf(data: Uint8Array): string {
  const ids = eventsIn(data).map(({ id }) => id);
  return ids.length === 0 ? `${data.length} bytes that are no event` : ids.join(' ');
}

interface Identified {
  readonly id: string;
  readonly source: string;
}

const known = new WeakMap<Uint8Array, readonly Identified[]>();

/** The events in a record's bytes, as far as they are any. The same bytes are read once. */
export function eventsIn(data: Uint8Array): readonly Identified[] {
  const events = known.get(data) ?? parseEvents(data);
  known.set(data, events);
  return events;
}

function parseEvents(data: Uint8Array): readonly Identified[] {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  if (!text.startsWith('{"specversion"') && !text.startsWith('[{"specversion"')) return [];
  const value: unknown = JSON.parse(text);
  const events = Array.isArray(value) ? value : [value];
  return events.filter((event) => typeof event.id === 'string');
}
