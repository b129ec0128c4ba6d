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
  /** The JSON of its events, with commas between them; or the very bytes of a record, which are packed with nothing else. Under a `head`: of the data. */
  body: string | Uint8Array;
  /** Writes the JSON of the one event up to its data, which is done late: until then, what waits takes less memory. */
  readonly head?: (event: CloudEvent) => string;
  /** 1 for a record of the caller's own making. */
  readonly count: number;
  /** Bytes of the body, with its head. */
  readonly bytes: number;
  /** What the caller sent. */
  readonly events: readonly CloudEvent[];
  readonly record?: StreamRecord;
}

/** The JSON of its events, head included, or the bytes of a record. */
export function bodyOf({ body, head, events }: Encoded): string | Uint8Array {
  const [event] = events;
  return head === undefined || event === undefined ? body : `${head(event)}${body}}`;
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
    const body = bodyOf(this.encoded);
    this.encoded.body = '';
    return body;
  }

  /** Writes the JSON of its events, of which nothing is kept either, part by part: put together first, it would be copied twice. @returns where it ends. */
  writeBody(into: Buffer, start: number): number {
    const { body, head, events } = this.encoded;
    const [event] = events;
    this.encoded.body = '';
    if (typeof body !== 'string') throw new TypeError('The bytes of a record are packed with nothing else');
    if (head === undefined || event === undefined) return start + into.write(body, start);
    const at = start + into.write(head(event), start);
    const end = at + into.write(body, at);
    into[end] = CLOSE;
    return end + 1;
  }
}

const CLOSE = '}'.charCodeAt(0);
