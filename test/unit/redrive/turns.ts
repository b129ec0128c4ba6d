import { setImmediate as nextTurn } from 'node:timers/promises';

/** Coroutines that take turns by chance: each waits until it is resumed, and runs alone until it waits again. */
export class Turns {
  readonly #random: () => number;
  readonly #waiting: (() => void)[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Resolves when it is this coroutine's turn. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Lets one of those that wait go on, up to its next wait. */
  async resumeOne(): Promise<void> {
    const [resume] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1);
    resume?.();
    await nextTurn();
  }

  /** Lets all go on until the promise is settled. */
  async finish(promise: Promise<unknown>): Promise<void> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    while (!isSettled) await this.resumeOne();
    await promise;
  }
}
