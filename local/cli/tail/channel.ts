/** A bounded queue between producers that wait for room and one consumer. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #most: number;
  readonly #items: T[] = [];
  #closed = false;
  #failure: { readonly error: unknown } | undefined;
  /** Resolved and replaced whenever anything changes. */
  #change = Promise.withResolvers<void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves once there was room for the item. @returns false if the channel was closed instead. */
  async push(item: T): Promise<boolean> {
    while (this.#items.length >= this.#most && !this.#closed) await this.#change.promise;
    if (this.#closed) return false;
    this.#items.push(item);
    this.#announce();
    return true;
  }

  /** What is in it is still given out, then it ends, by the error if there is one. */
  close(failure?: { readonly error: unknown }): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = failure;
    this.#announce();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#announce();
          yield item;
        } else if (this.#closed) {
          if (this.#failure !== undefined) throw this.#failure.error;
          return;
        } else await this.#change.promise;
      }
    } finally {
      this.#items.length = 0;
      this.close();
    }
  }

  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
