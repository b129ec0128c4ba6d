import type { Environment } from '../../../lambdas/runtime/ports.ts';
import type { Code } from './happenings.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Draws tokens that never repeat within a run. */
export type Tokens = () => string;

/** An invocation, as the count of crashes sees it. */
export interface Attempt {
  /** It came to its end, and should have taken its count back. */
  ended: boolean;
}

/**
 * One execution environment of a function. It may die, hang for good, or freeze for a while; whatever it waits for reaches it only while it
 * runs. Requests that are under way know nothing of that, and land.
 */
export class ExecutionEnvironment {
  readonly id: number;
  readonly code: Code;
  /** Called when it dies. */
  onDeath: (() => void) | undefined;
  /** The platform has given its invocation up, which runs on. */
  givenUp = false;
  /** What it has in its hands now. */
  attempt: Attempt = { ended: false };
  readonly #scheduler: Scheduler;
  #state: 'running' | 'hung' | 'dead' = 'running';
  #frozenUntilMs = Number.NEGATIVE_INFINITY;
  readonly #sleeping = new Set<() => void>();

  constructor(id: number, code: Code, scheduler: Scheduler) {
    this.id = id;
    this.code = code;
    this.#scheduler = scheduler;
  }

  /** Whether it will ever do anything again. */
  get lost(): boolean {
    return this.#state !== 'running';
  }

  get dead(): boolean {
    return this.#state === 'dead';
  }

  die(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.onDeath?.();
  }

  /** The platform's time-out, for what it has in its hands now. A frozen environment has its time once it thaws. */
  dieAt(atMs: number): void {
    const { onDeath } = this;
    this.#scheduler.at(atMs, () => {
      if (this.onDeath !== onDeath) return;
      if (this.#frozenUntilMs > this.#scheduler.now()) this.dieAt(this.#frozenUntilMs + 60_000);
      else this.die();
    });
  }

  /** Does nothing any more, until the platform kills it. */
  hang(): void {
    if (this.#state === 'running') this.#state = 'hung';
  }

  freeze(ms: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, this.#scheduler.now() + ms);
  }

  /** Something that it waits for has come: it goes on with it, once it can. */
  resume(go: () => void): void {
    if (this.#state !== 'running') return;
    if (this.#frozenUntilMs > this.#scheduler.now()) this.#scheduler.at(this.#frozenUntilMs, () => this.resume(go));
    else go();
  }

  /** Time and chance as its runtime sees them. */
  forRuntime(random: Random, token: Tokens): Environment {
    return {
      now: () => Math.floor(this.#scheduler.now()),
      random: random.next,
      token,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  /**
   * Once the run is over: lets a lost environment's deadlines pass, so that its runtime comes to an end. Node keeps every abort signal that has
   * a listener for ever, and with it everything that waits for it.
   */
  release(): void {
    for (const wake of [...this.#sleeping]) wake();
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const wake = (): void => {
        this.#sleeping.delete(wake);
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        cancel();
        this.#sleeping.delete(wake);
        reject(signal.reason);
      };
      const cancel = this.#scheduler.after(Math.max(0, ms), () => this.resume(wake));
      this.#sleeping.add(wake);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
