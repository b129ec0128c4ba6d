import type { Environment } from '../../../lambdas/runtime/ports.ts';

/** Spends read units at a steady rate. Whoever reads says afterwards what it took, and waits until that much has come in. */
export class Pacer {
  readonly #perSecond: number;
  readonly #environment: Pick<Environment, 'now' | 'sleep'>;
  /** When everything that was spent so far will have come in, epoch milliseconds. */
  #paidMs: number;
  #spent = 0;

  /** @param perSecond read units a second; Infinity: no limit. */
  constructor(perSecond: number, environment: Pick<Environment, 'now' | 'sleep'>) {
    this.#perSecond = perSecond;
    this.#environment = environment;
    this.#paidMs = environment.now();
  }

  /** Read units so far. */
  get spent(): number {
    return this.#spent;
  }

  /** Resolves once it is allowed to go on. Rejects with the signal's reason. */
  async spend(units: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#environment.now();
    this.#spent += units;
    // What was not used while nobody read is not saved up.
    this.#paidMs = Math.max(this.#paidMs, nowMs) + (units / this.#perSecond) * 1_000;
    const waitMs = this.#paidMs - nowMs;
    if (waitMs > 0) await this.#environment.sleep(waitMs, signal);
  }
}
