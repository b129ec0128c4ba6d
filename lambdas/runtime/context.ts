import type { Processor } from '../core/processor.ts';
import type { Lane } from './lane.ts';
import type { Checkpoints, DeadLetters, EffectSink, Environment, StateStore } from './ports.ts';
import type { Tally } from './report.ts';
import type { RuntimeSettings } from './settings.ts';

export interface Ports {
  readonly store: StateStore;
  readonly sink: EffectSink;
  readonly deadLetters: DeadLetters;
  readonly checkpoints: Checkpoints;
}

/** What every step of one invocation needs. */
export interface Context {
  readonly processor: Processor<object>;
  readonly ports: Ports;
  readonly settings: RuntimeSettings;
  readonly environment: Environment;
  /** Aborts when the invocation must answer. Every request carries it. */
  readonly signal: AbortSignal;
  /** The invocation's random token: `_tx` of every row that it writes, and `_e` of every row that it creates. */
  readonly token: string;
  readonly tally: Tally;
  /** Tokens whose checkpoint was seen. A checkpoint is never taken back, so the memory outlives invocations. */
  readonly knownCheckpoints: KnownCheckpoints;
  /** What the folds of this invocation say of the reducer: the latest of each lane at work, and the sum of those that were. */
  readonly judgements: { readonly current: Map<Lane, Lane['judged']>; past: Lane['judged'] };
  /** Whether a row with effects was committed: then a checkpoint is worth its write. */
  wroteOutbox: boolean;
}

/** A bounded memory of facts that never change: the oldest are forgotten first. */
export class KnownCheckpoints {
  readonly #tokens = new Set<string>();
  readonly #most: number;

  constructor(most = 20_000) {
    this.#most = most;
  }

  has(token: string): boolean {
    return this.#tokens.has(token);
  }

  add(token: string): void {
    this.#tokens.add(token);
    if (this.#tokens.size <= this.#most) return;
    for (const oldest of this.#tokens) {
      this.#tokens.delete(oldest);
      return;
    }
  }
}
