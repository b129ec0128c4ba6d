/** What entered between two waits. */
export interface Epoch {
  /** How many of it are inside. */
  inside: number;
}

/** Tells when everything that has entered so far has left, whatever enters later. */
export class Barrier {
  #current: Epoch = { inside: 0 };
  /** Ended epochs, the oldest first, and who waits for all up to each. */
  #waiting: { readonly epoch: Epoch; readonly resolve: () => void }[] = [];

  get isWaitedFor(): boolean {
    return this.#waiting.length > 0;
  }

  /** @returns the epoch, for `leave`. */
  enter(): Epoch {
    this.#current.inside += 1;
    return this.#current;
  }

  leave(epoch: Epoch): void {
    epoch.inside -= 1;
    if (epoch.inside === 0 && this.#waiting.length > 0) this.#open();
  }

  /** Resolves once all that entered before has left. */
  passed(): Promise<void> {
    const epoch = this.#current;
    this.#current = { inside: 0 };
    return new Promise((resolve) => {
      this.#waiting.push({ epoch, resolve });
      this.#open();
    });
  }

  #open(): void {
    const held = this.#waiting.findIndex(({ epoch }) => epoch.inside > 0);
    const open = this.#waiting.splice(0, held === -1 ? this.#waiting.length : held);
    for (const { resolve } of open) resolve();
  }
}
