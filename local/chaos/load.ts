import type { CloudEvent } from '../../lambdas/core/event.ts';
import { dataSchemaOf } from '../../lambdas/core/event.ts';
import type { RejectionCode } from '../../lambdas/core/rejection.ts';
import { erasureRequested, itemAdded, type ShopEvent } from '../../lambdas/systems/profiles/events.ts';
import { garbage } from './garbage.ts';
import type { Random } from './random.ts';

/** A record that a producer is to send, and what must become of it. */
export interface PlannedRecord {
  readonly producer: Producer;
  /** Milliseconds after the beginning of the load. */
  readonly dueMs: number;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly meaning: Meaning;
}

/** An event that counts once, however often it is sent, or bytes that must end in the dead-letter queue for one reason. */
export type Meaning =
  | { readonly kind: 'event'; readonly event: CloudEvent }
  | { readonly kind: 'rejected'; readonly code: RejectionCode };

/** The shop's visitors are shared out among the first three; the last one puts again what the others have put. */
export const PRODUCERS = ['web', 'app', 'store', 'repeater'] as const;
export type Producer = (typeof PRODUCERS)[number];

export interface LoadOptions {
  readonly seconds: number;
  /** Events per second, repeats and garbage not counted. */
  readonly rate: number;
}

/** Shares of the events that are followed by something else. */
const REPEATED = 0.15;
const ERASED = 0.005;
const GARBAGE = 0.06;
/** Share of item-added events in the form of version 1, as a producer that was never updated sends them. */
const OLD_VERSION = 0.3;
/** A repeat comes up to so much later: before or after its first, and between later events of its key. */
const REPEAT_WITHIN_MS = 4_000;
/** A row remembers 256 ids; a visitor with fewer events than that has all of them in the row, for the account to find. */
const EVENTS_PER_VISITOR = 200;

/**
 * A steady load of the shop's events, in order of time. Once the shop's log is through it begins again, with new visitors and new ids.
 * The same seed gives the same load.
 */
export function planLoad(
  shop: readonly ShopEvent[],
  { seconds, rate }: LoadOptions,
  random: Random,
): readonly PlannedRecord[] {
  const visitors = new Visitors();
  const planned: PlannedRecord[] = [];
  const count = Math.floor(seconds * rate);
  for (let n = 0; n < count; n++) {
    const original = shop[n % shop.length];
    if (original === undefined) throw new RangeError('The load needs at least one event of the shop');
    const dueMs = (n / rate) * 1_000;
    const event = visitors.renamed(original, Math.floor(n / shop.length));
    const producer = visitors.producerOf(event.subject);
    const add = (meaning: CloudEvent): void => {
      const record = recordOf(meaning, producer, dueMs);
      planned.push(record);
      if (!random.chance(REPEATED)) return;
      planned.push({ ...record, producer: 'repeater', dueMs: dueMs + random.next() * REPEAT_WITHIN_MS });
    };
    add(random.chance(OLD_VERSION) ? inOldForm(event) : event);
    if (random.chance(ERASED)) add(erasureOf(event));
    if (random.chance(GARBAGE)) planned.push({ ...garbage(event, n), producer, dueMs });
  }
  return planned.sort((a, b) => a.dueMs - b.dueMs);
}

const recordOf = (event: CloudEvent, producer: Producer, dueMs: number): PlannedRecord => ({
  producer,
  dueMs,
  partitionKey: event.subject,
  data: Buffer.from(JSON.stringify(event)),
  meaning: { kind: 'event', event },
});

class Visitors {
  readonly #events = new Map<string, number>();

  renamed(event: ShopEvent, wave: number): ShopEvent {
    const visitor = wave === 0 ? event.subject : `${event.subject}-${wave}`;
    const events = this.#events.get(visitor) ?? 0;
    this.#events.set(visitor, events + 1);
    const part = Math.floor(events / EVENTS_PER_VISITOR);
    return {
      ...event,
      id: wave === 0 ? event.id : `${event.id}-${wave}`,
      subject: part === 0 ? visitor : `${visitor}.${part}`,
    };
  }

  producerOf(visitor: string): Producer {
    const sum = [...visitor].reduce((total, character) => total + character.charCodeAt(0), 0);
    return PRODUCERS[sum % (PRODUCERS.length - 1)] ?? 'web';
  }
}

function inOldForm(event: ShopEvent): CloudEvent {
  if (event.type !== 'cart.item-added') return event;
  const { productId, quantity, unitPrice, currency } = event.data;
  const price = `${Math.floor(unitPrice / 100)}.${String(unitPrice % 100).padStart(2, '0')}`;
  return { ...event, dataschema: dataSchemaOf(itemAdded.type, 1), data: { productId, quantity, price, currency } };
}

const erasureOf = ({ id, source, time, subject }: ShopEvent): CloudEvent => ({
  specversion: '1.0',
  id: `erasure-${id}`,
  source,
  type: erasureRequested.type,
  time,
  subject,
  dataschema: dataSchemaOf(erasureRequested.type, 1),
  data: {},
});
