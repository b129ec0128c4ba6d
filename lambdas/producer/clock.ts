import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, injected so that tests own them. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

/** The machine's own. A process that has events waiting stays alive for them. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: Math.random,
};

/** Calls back at the earliest of the times that it is given. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly atMs: number; readonly cancelled: AbortController } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `atMs` (epoch milliseconds), or at the earlier time that it is set to already. */
  setBy(atMs: number): void {
    if (this.#set !== undefined && this.#set.atMs <= atMs) return;
    this.cancel();
    const set = { atMs, cancelled: new AbortController() };
    this.#set = set;
    const { signal } = set.cancelled;
    this.#clock.sleep(Math.max(0, atMs - this.#clock.now()), signal).then(
      () => {
        if (signal.aborted) return;
        this.#set = undefined;
        this.#ring();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  cancel(): void {
    this.#set?.cancelled.abort();
    this.#set = undefined;
  }
}
