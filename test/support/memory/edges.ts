import type {
  AddressedEffect,
  Checkpoint,
  Checkpoints,
  DeadLetter,
  DeadLetters,
  EffectSink,
} from '../../../lambdas/runtime/ports.ts';

/** Accepts every effect and remembers it. */
export interface MemorySink extends EffectSink {
  /** In the order of acceptance, repeats included. */
  readonly accepted: readonly AddressedEffect[];
}

export function memorySink(): MemorySink {
  const accepted: AddressedEffect[] = [];
  return {
    accepted,
    send: async (effects) => {
      accepted.push(...structuredClone(effects));
      return effects.map(() => ({ kind: 'accepted' }));
    },
  };
}

/** Keeps every letter. */
export interface MemoryDeadLetters extends DeadLetters {
  /** In the order of arrival, repeats included. */
  readonly letters: readonly DeadLetter[];
}

export function memoryDeadLetters(): MemoryDeadLetters {
  const letters: DeadLetter[] = [];
  return {
    letters,
    put: async (added) => {
      letters.push(...structuredClone(added));
      return added.map(() => undefined);
    },
  };
}

export interface MemoryCheckpoints extends Checkpoints {
  readonly written: ReadonlyMap<string, Checkpoint>;
  attempts(sequence: string): number;
}

export function memoryCheckpoints(): MemoryCheckpoints {
  const written = new Map<string, Checkpoint>();
  const attempts = new Map<string, number>();
  return {
    written,
    attempts: (sequence) => attempts.get(sequence) ?? 0,
    write: async (checkpoint) => {
      written.set(checkpoint.token, structuredClone(checkpoint));
    },
    existing: async (tokens) => new Set(tokens.filter((token) => written.has(token))),
    countAttempt: async ({ sequence }) => {
      const count = (attempts.get(sequence) ?? 0) + 1;
      attempts.set(sequence, count);
      return count;
    },
    clearAttempts: async ({ sequence }) => {
      attempts.delete(sequence);
    },
  };
}
