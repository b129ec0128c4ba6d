/** Tells when everything that has entered so far has left, whatever enters later. */
export class Barrier {
  /** How many of each epoch are inside. Every wait ends an epoch. */
  readonly #inside = new Map<number, number>();
  #waiting: { readonly epoch: number; readonly resolve: () => void }[] = [];
  #epoch = 0;

  get isWaitedFor(): boolean {
    return this.#waiting.length > 0;
  }

  /** @returns the epoch, for `leave`. */
  enter(): number {
    this.#inside.set(this.#epoch, (this.#inside.get(this.#epoch) ?? 0) + 1);
    return this.#epoch;
  }

  leave(epoch: number): void {
    const left = (this.#inside.get(epoch) ?? 0) - 1;
    if (left > 0) this.#inside.set(epoch, left);
    else {
      this.#inside.delete(epoch);
      this.#open();
    }
  }

  /** Resolves once all that entered before has left. */
  passed(): Promise<void> {
    const epoch = this.#epoch;
    this.#epoch += 1;
    return new Promise((resolve) => {
      this.#waiting.push({ epoch, resolve });
      this.#open();
    });
  }

  #open(): void {
    if (this.#waiting.length === 0) return;
    const oldest = Math.min(...this.#inside.keys());
    const [open, closed] = [
      this.#waiting.filter(({ epoch }) => epoch < oldest),
      this.#waiting.filter(({ epoch }) => epoch >= oldest),
    ];
    this.#waiting = closed;
    for (const { resolve } of open) resolve();
  }
}
