import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Environment } from '../../lambdas/runtime/ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that passes only when nothing else can happen. */
export interface VirtualClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets time pass, timer by timer, until the promise is settled. Throws an Error if nothing is left that could settle it. */
  run<T>(promise: Promise<T>): Promise<T>;
}

export function virtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = startMs;
  let order = 0;
  const timers = new Set<Timer>();
  const earliest = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const timer = { at: now + Math.max(0, ms), order: order++, fire: resolve };
      timers.add(timer);
      signal?.addEventListener(
        'abort',
        () => {
          timers.delete(timer);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  const run = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      // Ports in memory only use microtasks, so after a turn of the event loop nothing but timers is left to wait for.
      await nextTurn();
      if (settled) return promise;
      const timer = earliest();
      if (timer === undefined) throw new Error('Nothing is left that could settle the promise');
      timers.delete(timer);
      now = Math.max(now, timer.at);
      timer.fire();
    }
  };
  return { now: () => now, sleep, run };
}

/** A generator of numbers in [0, 1) that repeats itself from the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The environment of a runtime in virtual time. Tokens are unique within the run. */
export function virtualEnvironment(clock: VirtualClock, random: () => number): Environment {
  let tokens = 0;
  return {
    now: clock.now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    random,
    token: () => `token-${String(tokens++).padStart(6, '0')}`,
  };
}
