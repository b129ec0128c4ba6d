import { TransientError } from '../../../lambdas/runtime/ports.ts';
import type { FaultDeck } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What can be asked, and refuse. `reads` are those of shards. */
export type Port = 'store' | 'checkpoints' | 'dead-letters' | 'streams' | 'queues' | 'views' | 'on-failure' | 'reads';

/** A time in which a port refuses requests, or answers slowly. Times are ms after the start. */
export interface Window {
  readonly kind: 'throttle' | 'outage' | 'slow-shard';
  readonly port: Port | 'all';
  /** Only one key, or shard, is hit: the first that is asked for. */
  readonly oneKey: boolean;
  /** Share of the requests that are hit. */
  readonly share: number;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Open {
  readonly window: Window;
  /** The key that it hits, once one was asked for. */
  key: string | undefined;
}

type Refusal = 'throttle' | 'outage';

/** Who refuses what at which time. */
export class Weather {
  readonly #scheduler: Scheduler;
  readonly #deck: FaultDeck;
  readonly #random: Random;
  /** Those to come, the next one last; those that are open; the key that an open one has hit. */
  readonly #ahead: Window[];
  #open: Open[] = [];

  constructor(scheduler: Scheduler, deck: FaultDeck, random: Random, windows: readonly Window[], startMs: number) {
    this.#scheduler = scheduler;
    this.#deck = deck;
    this.#random = random;
    this.#ahead = windows
      .map((window) => ({ ...window, fromMs: window.fromMs + startMs, toMs: window.toMs + startMs }))
      .sort((a, b) => b.fromMs - a.fromMs);
  }

  /** Why a port refuses a request as a whole, if it does. A chance of its own besides the windows. */
  refusal(port: Port): TransientError | undefined {
    const struck = this.#struckBy(port, undefined) ?? (this.#deck.draw('throttle') ? 'throttle' : undefined);
    return struck && this.#refuse(port, struck);
  }

  /** Why a port refuses one key of a request, if it does. */
  refusalOf(port: Port, key: string): TransientError | undefined {
    const struck = this.#struckBy(port, key);
    return struck && this.#refuse(port, struck);
  }

  /** How much longer the read of a shard takes, ms. */
  slowness(shard: string): number {
    for (const open of this.#current()) {
      if (open.window.kind !== 'slow-shard' || !isHit(open, shard)) continue;
      this.#deck.count('slow-shard');
      return this.#random.magnitude(20_000, 300_000);
    }
    return 0;
  }

  #refuse(port: Port, refusal: Refusal): TransientError {
    this.#deck.count(refusal);
    return refusalError(port, refusal);
  }

  #struckBy(port: Port, key: string | undefined): Refusal | undefined {
    for (const open of this.#current()) {
      const { window } = open;
      if (window.kind === 'slow-shard' || (window.port !== port && window.port !== 'all')) continue;
      if (window.oneKey !== (key !== undefined)) continue;
      if (!this.#random.chance(window.share)) continue;
      if (key === undefined || isHit(open, key)) return window.kind;
    }
    return undefined;
  }

  #current(): readonly Open[] {
    if (this.#deck.ceased) return [];
    const nowMs = this.#scheduler.now();
    for (let next = this.#ahead.at(-1); next !== undefined && next.fromMs <= nowMs; next = this.#ahead.at(-1)) {
      this.#ahead.pop();
      this.#open.push({ window: next, key: undefined });
    }
    if (this.#open.some(({ window }) => window.toMs <= nowMs)) {
      this.#open = this.#open.filter(({ window }) => window.toMs > nowMs);
    }
    return this.#open;
  }
}

function isHit(open: Open, key: string): boolean {
  open.key ??= key;
  return open.key === key;
}

const errors = new Map<string, TransientError>();

/** One error for each port and reason: they are many, and only their codes matter. */
function refusalError(port: Port, refusal: Refusal): TransientError {
  const code = `${port}.${refusal === 'throttle' ? 'throttled' : 'unavailable'}`;
  const known = errors.get(code) ?? new TransientError(code, `The simulated port refuses: ${refusal}`);
  errors.set(code, known);
  return known;
}
