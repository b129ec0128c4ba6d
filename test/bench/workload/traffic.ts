import type { ShopEvent } from '../../../lambdas/systems/profiles/events.ts';
import { type KeyDistribution, keySampler, userOf } from './keys.ts';
import { Random } from './random.ts';
import { Shopper } from './shopper.ts';

/** An event in the stream. */
export interface Arrival {
  readonly event: ShopEvent;
  /** Epoch milliseconds. */
  readonly arrivalMs: number;
  /** Its producer sent it again: same id, a sequence number of its own. It must count once. */
  readonly isRepeat: boolean;
}

export interface TrafficSettings {
  readonly distribution: KeyDistribution;
  readonly seed: string;
  /** Events per second, evenly spaced. It decides how many event ids lie within the window of deduplication, and so how large rows are. */
  readonly ratePerSecond: number;
  /** Arrival of the first event, epoch milliseconds. */
  readonly startMs: number;
}

/** Share of events that are a producer's retries. A variant that took them for new ones would end with other rows. */
const REPEATS = 0.005;
/** A retry follows within so many events. */
const REPEATED_WITHIN = 100;

/** The events of one lane of a stream, in order, without end; the same for the same settings. Read from any place and as often as needed. */
export class Traffic {
  readonly #settings: TrafficSettings;
  readonly #random: Random;
  readonly #sample: ReturnType<typeof keySampler>;
  readonly #shoppers = new Map<number, Shopper>();
  readonly #arrivals: Arrival[] = [];

  constructor(settings: TrafficSettings) {
    this.#settings = settings;
    this.#random = new Random(`${settings.seed}/${settings.distribution}`);
    this.#sample = keySampler(settings.distribution);
  }

  /** `count` events from the `from`th on. */
  slice(from: number, count: number): readonly Arrival[] {
    while (this.#arrivals.length < from + count) this.#arrivals.push(this.#next());
    return this.#arrivals.slice(from, from + count);
  }

  #next(): Arrival {
    const index = this.#arrivals.length;
    const { startMs, ratePerSecond } = this.#settings;
    const arrivalMs = startMs + Math.round((index * 1000) / ratePerSecond);
    const isRepeat = index > 0 && this.#random.next() < REPEATS;
    if (isRepeat) {
      const earlier = this.#arrivals[index - 1 - this.#random.below(Math.min(index, REPEATED_WITHIN))];
      if (earlier !== undefined) return { event: earlier.event, arrivalMs, isRepeat };
    }
    const rank = this.#sample(this.#random);
    const shopper = this.#shoppers.get(rank) ?? new Shopper(userOf(rank));
    this.#shoppers.set(rank, shopper);
    const occasion = { id: `bench-${String(index).padStart(7, '0')}`, time: new Date(arrivalMs).toISOString() };
    return { event: shopper.next(this.#random, occasion), arrivalMs, isRepeat: false };
  }
}
