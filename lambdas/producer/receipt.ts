import type { CloudEvent } from '../core/event.ts';
import { type Undelivered, UndeliveredError } from './errors.ts';
import type { Item, Outcome } from './item.ts';
import type { Delivery } from './record.ts';

/** Something that a producer has accepted, and what becomes of it. */
export class Receipt {
  readonly #item: Item;

  constructor(item: Item) {
    this.#item = item;
  }

  /** The events as they are sent. Empty for a record of the caller's own making. */
  get events(): readonly CloudEvent[] {
    return this.#item.encoded.events;
  }

  /** What has become of it; undefined as long as it is on its way. */
  get outcome(): Outcome | undefined {
    return this.#item.outcome;
  }

  /**
   * Resolves once it is in the stream, with its record's place. Need not be asked: `flush` tells of everything.
   *
   * @throws UndeliveredError if it is given up.
   */
  async delivered(): Promise<Delivery> {
    const outcome = await this.#item.settled();
    if (outcome.kind === 'delivered') return outcome.delivery;
    throw new UndeliveredError([undeliveredOf(this.#item, outcome)]);
  }
}

export function undeliveredOf(
  { encoded: { partitionKey, events, record } }: Item,
  { failure, inDoubt }: Extract<Outcome, { kind: 'undelivered' }>,
): Undelivered {
  return { partitionKey, events, failure, inDoubt, ...(record === undefined ? {} : { record }) };
}
