import type { Environment } from './environment.ts';

/** The execution environments of one function: those that are busy, and those that wait for an event. */
export class Environments {
  readonly #start: () => Environment;
  #idle: Environment[] = [];
  readonly #busy = new Set<Environment>();
  /** Busy ones that take no further event. */
  readonly #outdated = new Set<Environment>();
  #started = 0;

  /** @param start of code and settings as they are by then. */
  constructor(start: () => Environment) {
    this.#start = start;
  }

  /** How many were started so far. */
  get started(): number {
    return this.#started;
  }

  get busy(): number {
    return this.#busy.size;
  }

  /** One that is idle, or a new one. It is busy until it is released. */
  acquire(): Environment {
    this.#idle = this.#idle.filter((idle) => idle.alive);
    const environment = this.#idle.pop() ?? this.#startOne();
    this.#busy.add(environment);
    return environment;
  }

  release(environment: Environment): void {
    this.#busy.delete(environment);
    if (this.#outdated.delete(environment)) void environment.kill();
    else this.#idle.push(environment);
  }

  /** What is idle goes now, what is busy once it is released: whatever begins from now on is started anew. */
  replace(): void {
    for (const environment of this.#idle) void environment.kill();
    for (const environment of this.#busy) this.#outdated.add(environment);
  }

  /** Kills a busy one if there is one, else an idle one. @returns whether there was one. */
  killOne(): boolean {
    const victim = [...this.#busy, ...this.#idle].find((environment) => environment.alive);
    if (!victim) return false;
    void victim.kill();
    return true;
  }

  /** Kills all. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy].map((environment) => environment.kill()));
  }

  #startOne(): Environment {
    this.#started += 1;
    return this.#start();
  }
}
