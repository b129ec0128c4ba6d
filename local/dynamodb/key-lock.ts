/** Runs tasks that share a key one after another, in the order in which they came; others side by side. */
export class KeyLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `task` once every earlier task that holds one of `keys` has ended; returns or throws what it does. */
  exclusive<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const earlier = keys.map((key) => this.#tails.get(key));
    const run = Promise.allSettled(earlier).then(task);
    // All keys are taken in one step, so no two tasks can each wait for the other.
    for (const key of keys) this.#tails.set(key, run);
    return run.finally(() => {
      for (const key of keys) if (this.#tails.get(key) === run) this.#tails.delete(key);
    });
  }
}
