import { seededRandom } from '../virtual-clock.ts';

/** Chance that repeats itself from the same seed. */
export class Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** A generator of its own for one purpose, so that what one purpose draws does not shift what another one gets. */
  static for(purpose: string, ...numbers: readonly number[]): Random {
    return new Random(mix([purpose, ...numbers].join('/')));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** Small values as often as large ones by order of magnitude: durations. */
  magnitude(least: number, most: number): number {
    return least * (most / least) ** this.next();
  }

  /** Throws a RangeError if there is nothing to pick from. */
  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new RangeError('There is nothing to pick from');
    return picked;
  }

  /** How many times something of an average `rate` happens: the whole part, and by chance one more. */
  times(rate: number): number {
    return Math.floor(rate) + (this.next() < rate % 1 ? 1 : 0);
  }
}

/** FNV-1a, 32 bits, finished so that near texts come far apart. */
export function mix(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
