import type { Attributes } from '../../lambdas/core/row.ts';
import type { Ports } from '../../lambdas/runtime/context.ts';
import { type SendResult, TransientError } from '../../lambdas/runtime/ports.ts';
import type { MemoryCheckpoints, MemoryDeadLetters, MemorySink } from './memory/edges.ts';
import { type MemoryStore, readItem } from './memory/store.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Probabilities, each of one call. */
export interface FaultRates {
  /** Throttled or down: nothing happened. */
  readonly fails: number;
  /** It happened, and the answer was lost. */
  readonly losesAnswer: number;
  /** An eventually consistent read returns an older version. */
  readonly stale: number;
  /** A checkpoint that exists is not seen. */
  readonly misses: number;
  /** The function dies here. What is in flight may still land. */
  readonly crashes: number;
}

export const NO_FAULTS: FaultRates = { fails: 0, losesAnswer: 0, stale: 0, misses: 0, crashes: 0 };

/** The stores that every environment shares. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: () => number;
  readonly store: MemoryStore;
  readonly sink: MemorySink;
  readonly deadLetters: MemoryDeadLetters;
  readonly checkpoints: MemoryCheckpoints;
  /** Replaced when the weather changes. */
  rates: FaultRates;
  /** How often what happened. */
  readonly reached: Map<string, number>;
}

/** The ports of one function environment, which may die. */
export interface FaultyEnvironment {
  readonly ports: Ports;
  /** Resolves when the function dies. */
  readonly died: Promise<'died'>;
}

const LATENCY_MS = 30;

export function faultyEnvironment(world: World): FaultyEnvironment {
  const death = Promise.withResolvers<'died'>();
  let dead = false;
  const chance = (name: keyof FaultRates): boolean => {
    const hit = world.random() < world.rates[name];
    if (hit) world.reached.set(name, (world.reached.get(name) ?? 0) + 1);
    return hit;
  };
  const pause = (): Promise<void> => world.clock.sleep(world.random() * LATENCY_MS);
  const die = (): Promise<never> => {
    dead = true;
    death.resolve('died');
    return new Promise(() => undefined);
  };
  /** A request: it may be refused, land, lose its answer, or be the last that the function makes. */
  const request = async <T>(land: () => T | Promise<T>): Promise<T> => {
    if (dead) return new Promise(() => undefined);
    const crash = chance('crashes');
    if (crash && world.random() < 0.5) return die();
    await pause();
    if (chance('fails')) throw new TransientError('fault.fails', 'refused');
    const result = await land();
    await pause();
    if (crash) return die();
    if (dead) return new Promise(() => undefined);
    if (chance('losesAnswer')) throw new TransientError('fault.lost', 'answer lost');
    return result;
  };
  const { store, sink, deadLetters, checkpoints } = world;
  const signal = new AbortController().signal;
  const staleItem = (key: string): Attributes | undefined => {
    const history = store.history(key);
    return history[Math.floor(world.random() * (history.length + 1)) - 1];
  };
  return {
    died: death.promise,
    ports: {
      store: {
        read: (keys, consistent) =>
          request(() =>
            consistent || !chance('stale')
              ? store.read(keys, consistent, signal)
              : new Map(keys.map((key) => [key, readItem(staleItem(key))])),
          ),
        commit: (row, over) => request(() => store.commit(row, over, signal)),
      },
      sink: {
        // A partial failure accepts a part from the front of each receiver's effects, which the port promises.
        send: (effects) =>
          request(async () => {
            const accepted = chance('fails') ? Math.floor(world.random() * effects.length) : effects.length;
            await sink.send(effects.slice(0, accepted), signal);
            return effects.map(
              (_, nth): SendResult =>
                nth < accepted ? { kind: 'accepted' } : new TransientError('fault.partial', 'refused'),
            );
          }),
      },
      deadLetters: { put: (letters) => request(() => deadLetters.put(letters, signal)) },
      checkpoints: {
        write: (checkpoint) => request(() => checkpoints.write(checkpoint, signal)),
        existing: (tokens) =>
          request(async () => (chance('misses') ? new Set<string>() : checkpoints.existing(tokens, signal))),
        countAttempt: (position) => request(() => checkpoints.countAttempt(position, signal)),
        clearAttempts: (position) => request(() => checkpoints.clearAttempts(position, signal)),
      },
    },
  };
}
