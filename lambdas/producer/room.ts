/** What something takes of a buffer: events, and bytes. */
export interface Size {
  readonly count: number;
  readonly bytes: number;
}

interface Applicant {
  readonly size: Size;
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** A bounded buffer's room, given in the order in which it was asked for. What is larger than all of it gets it once it is empty. */
export class Room {
  readonly #most: Size;
  readonly #waiting = new Set<Applicant>();
  #count = 0;
  #bytes = 0;

  constructor(most: Size) {
    this.#most = most;
  }

  get taken(): Size {
    return { count: this.#count, bytes: this.#bytes };
  }

  /** Whether anybody waits. */
  get isContended(): boolean {
    return this.#waiting.size > 0;
  }

  /** Takes room at once if there is any, and nobody waits for it. */
  tryTake(size: Size): boolean {
    const isFree = this.#waiting.size === 0 && this.#fits(size);
    if (isFree) this.#add(size);
    return isFree;
  }

  /**
   * Waits for room.
   *
   * @param admit called the moment that it is taken, before anybody else gets some.
   * @throws the reason of `refuseAll`, or of the signal.
   */
  async take(size: Size, admit: () => void, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const applicant = { size, admit: () => resolve(admit()), refuse: reject };
    const onAbort = (): void => {
      reject(signal?.reason);
      if (this.#waiting.delete(applicant)) this.#admit();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(applicant);
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  refuseAll(reason: unknown): void {
    const refused = [...this.#waiting];
    this.#waiting.clear();
    for (const { refuse } of refused) refuse(reason);
  }

  release({ count, bytes }: Size): void {
    this.#count -= count;
    this.#bytes -= bytes;
    if (this.#waiting.size > 0) this.#admit();
  }

  #admit(): void {
    for (const applicant of this.#waiting) {
      if (!this.#fits(applicant.size)) return;
      this.#waiting.delete(applicant);
      this.#add(applicant.size);
      applicant.admit();
    }
  }

  #fits({ count, bytes }: Size): boolean {
    if (this.#count === 0) return true;
    return this.#count + count <= this.#most.count && this.#bytes + bytes <= this.#most.bytes;
  }

  #add({ count, bytes }: Size): void {
    this.#count += count;
    this.#bytes += bytes;
  }
}
