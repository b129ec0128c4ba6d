/** A number of slots, given out in the order in which they were asked for. */
export class Slots {
  readonly #queue: ((granted: boolean) => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  /**
   * Takes a slot, which `release` gives back.
   *
   * @returns false if `signal` was aborted or the slots were closed before one was free.
   */
  async take(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const settle = (granted: boolean): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve(granted);
      };
      const giveUp = (): void => {
        this.#queue.splice(this.#queue.indexOf(settle), 1);
        settle(false);
      };
      signal?.addEventListener('abort', giveUp);
      this.#queue.push(settle);
    });
  }

  /** Hands a slot to whoever has waited longest. */
  release(): void {
    const next = this.#queue.shift();
    if (next) next(true);
    else this.#free += 1;
  }

  /** Sends all that wait away empty-handed. */
  close(): void {
    for (const settle of this.#queue.splice(0)) settle(false);
  }
}
