import type { ProducedEvent } from './produced.ts';
import type { Entry } from './streams.ts';
import type { World } from './world.ts';

/** Records in one PutRecords call. */
const MOST_RECORDS = 20;
/** How often a producer packs waiting events of a key into one record. */
const PACKED = 0.1;
const BACKOFF = { baseMs: 100, capMs: 60_000 } as const;

interface Outgoing extends Entry {
  readonly events: readonly ProducedEvent[];
}

interface Lane {
  readonly records: Outgoing[];
  failures: number;
  readyAtMs: number;
  sending: boolean;
}

/**
 * A producer as it should be: it puts the events of a key in order, holds the later ones back until the first is in, and repeats what was
 * refused or not answered under the same ids. Now and then it puts events again that were in, since something upstream repeated itself.
 */
export class Producer {
  readonly #world: World;
  readonly #stream: string;
  readonly #lanes = new Map<string, Lane>();
  /** Repeats to come: after how many further events. */
  #repeats: { left: number; readonly event: ProducedEvent }[] = [];
  #toCome: number;
  #records = 0;
  #calling = false;

  constructor(world: World, stream: string, events: readonly ProducedEvent[]) {
    this.#world = world;
    this.#stream = stream;
    this.#toCome = events.length;
    for (const event of events) {
      world.scheduler.at(world.startMs + event.dueMs, () => {
        this.#toCome--;
        this.#accept(event);
      });
    }
  }

  /** Whether everything is in. */
  get done(): boolean {
    return this.#toCome === 0 && this.#records === 0;
  }

  #accept(event: ProducedEvent): void {
    this.#enqueue(event);
    if (event.againAfter !== undefined) this.#repeats.push({ left: event.againAfter, event });
    for (const repeat of this.#repeats) {
      if (repeat.left-- > 0) continue;
      this.#world.deck.count('repeat');
      this.#enqueue(repeat.event);
    }
    this.#repeats = this.#repeats.filter(({ left }) => left >= 0);
    this.#pump();
  }

  #enqueue(event: ProducedEvent): void {
    const lane = this.#lane(event.partitionKey);
    const last = lane.records.at(-1);
    const isFree = last !== undefined && (!lane.sending || lane.records.length > 1);
    const packable = isFree && event.garbage === undefined && last.events.every(({ garbage }) => garbage === undefined);
    if (packable && this.#world.random.chance(PACKED)) {
      lane.records[lane.records.length - 1] = recordOf([...last.events, event]);
      return;
    }
    lane.records.push(recordOf([event]));
    this.#records++;
  }

  #lane(key: string): Lane {
    const lane = this.#lanes.get(key) ?? { records: [], failures: 0, readyAtMs: 0, sending: false };
    this.#lanes.set(key, lane);
    return lane;
  }

  #pump(): void {
    if (this.#calling || this.#records === 0) return;
    const { scheduler, requests, streams, deck } = this.#world;
    const nowMs = scheduler.now();
    const waiting = [...this.#lanes.values()].filter(({ records }) => records.length > 0);
    const ready = waiting.filter(({ readyAtMs }) => readyAtMs <= nowMs).slice(0, MOST_RECORDS);
    if (ready.length === 0) {
      const nextMs = waiting.reduce((least, { readyAtMs }) => Math.min(least, readyAtMs), Number.POSITIVE_INFINITY);
      scheduler.at(nextMs, () => this.#pump());
      return;
    }
    this.#calling = true;
    for (const lane of ready) lane.sending = true;
    const entries = ready.flatMap(({ records: [first] }) => (first === undefined ? [] : [first]));
    const land = (late: boolean) => streams.take(this.#stream, entries, late);
    requests.sendSafely({ port: 'streams', loses: 'put-answer-lost', land }, (landed) => {
      this.#calling = false;
      ready.forEach((lane, nth) => {
        this.#settle(lane, !('error' in landed) && typeof landed.value[nth] !== 'string');
      });
      // Once nothing fails any more, nobody need wait long for the last retry.
      if (deck.ceased) for (const lane of ready) lane.readyAtMs = Math.min(lane.readyAtMs, scheduler.now() + 1_000);
      this.#pump();
    });
  }

  #settle(lane: Lane, accepted: boolean): void {
    lane.sending = false;
    if (accepted) {
      lane.records.shift();
      lane.failures = 0;
      this.#records--;
      return;
    }
    const ceilingMs = Math.min(BACKOFF.capMs, BACKOFF.baseMs * 2 ** lane.failures++);
    lane.readyAtMs = this.#world.scheduler.now() + this.#world.random.next() * ceilingMs;
  }
}

/** One event, or a CloudEvents batch of several. */
function recordOf(events: readonly ProducedEvent[]): Outgoing {
  const [first] = events;
  if (first === undefined) throw new RangeError('A record holds at least one event');
  const content = events.length === 1 ? first.event : events.map(({ event }) => event);
  return {
    partitionKey: first.partitionKey,
    data: first.garbage ?? Buffer.from(JSON.stringify(content)),
    events,
  };
}
