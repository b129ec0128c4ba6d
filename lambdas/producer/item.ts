import type { CloudEvent } from '../core/event.ts';
import type { Epoch } from './barrier.ts';
import type { DeliveryFailure } from './errors.ts';
import type { JsonWeight } from './json-weight.ts';
import type { Delivery, StreamRecord } from './record.ts';

/** What became of something that was sent. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly delivery: Delivery }
  | { readonly kind: 'undelivered'; readonly failure: DeliveryFailure; readonly inDoubt: boolean };

/** What was sent, encoded. */
export interface Encoded extends Pick<JsonWeight, 'values' | 'depth'> {
  readonly partitionKey: string;
  /** The JSON of its events, with commas between them; or the very bytes of a record, which are packed with nothing else. */
  body: string | Uint8Array;
  /** 1 for a record of the caller's own making. */
  readonly count: number;
  /** Bytes of the body. */
  readonly bytes: number;
  /** What the caller sent. */
  readonly events: readonly CloudEvent[];
  readonly record?: StreamRecord;
}

/** Something encoded on its way: what must travel in one record together, mostly one event. */
export class Item {
  /** Its body goes as soon as it is packed. */
  readonly encoded: Encoded;
  /** Epoch milliseconds from which it lingers. */
  readonly sentMs: number;
  /** Of the barrier that waits for it. */
  readonly epoch: Epoch;
  readonly #onSettled: (item: Item, outcome: Outcome) => void;
  #outcome: Outcome | undefined;
  #waiting: ((outcome: Outcome) => void)[] | undefined;

  constructor(encoded: Encoded, sentMs: number, epoch: Epoch, onSettled: (item: Item, outcome: Outcome) => void) {
    this.encoded = encoded;
    this.sentMs = sentMs;
    this.epoch = epoch;
    this.#onSettled = onSettled;
  }

  /** Undefined until it is settled. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#onSettled(this, outcome);
    if (this.#waiting === undefined) return;
    for (const tell of this.#waiting) tell(outcome);
    this.#waiting = undefined;
  }

  /** Once it is settled. */
  async settled(): Promise<Outcome> {
    if (this.#outcome !== undefined) return this.#outcome;
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  /** Its body, of which nothing is kept: from now on the packed record holds it. */
  takeBody(): string | Uint8Array {
    const { body } = this.encoded;
    this.encoded.body = '';
    return body;
  }
}
