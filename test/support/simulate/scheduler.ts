/** What waits for its time. */
interface Timer {
  readonly atMs: number;
  readonly order: number;
  /** Absent once it is cancelled. */
  fire: (() => void) | undefined;
}

/** Why nothing more will happen. */
export class StandstillError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'StandstillError';
  }
}

/**
 * Virtual time: it jumps to whatever is due next, once everything that the last step set off has come to rest. One timer fires at a time,
 * in the order of time and then of request, so a run repeats itself exactly.
 *
 * Promises come to rest without a turn of the event loop: the runtime of Node drains all microtasks before the next `process.nextTick`
 * callback, which costs a fraction of `setImmediate`. What is simulated must therefore use promises and this clock only, and no I/O.
 */
export class Scheduler {
  readonly #heap: Timer[] = [];
  #order = 0;
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Epoch milliseconds, with a fraction. */
  now(): number {
    return this.#nowMs;
  }

  /** Calls back at that time, or now if it is past. @returns what cancels it. */
  at(atMs: number, fire: () => void): () => void {
    const timer: Timer = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, fire };
    this.#push(timer);
    return () => {
      timer.fire = undefined;
    };
  }

  after(ms: number, fire: () => void): () => void {
    return this.at(this.#nowMs + ms, fire);
  }

  /**
   * Lets time pass until the condition holds, which is looked at after every step.
   *
   * @throws StandstillError if nothing is left to happen, or the condition does not hold by `untilMs` or within `mostSteps`.
   */
  run(done: () => boolean, untilMs: number, mostSteps: number): Promise<void> {
    let steps = 0;
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (done()) {
            resolve();
            return;
          }
          const timer = this.#pop();
          if (timer === undefined) throw new StandstillError('nothing is left that could happen');
          if (timer.atMs > untilMs) throw new StandstillError('it takes too much virtual time');
          if (++steps > mostSteps) throw new StandstillError(`it takes more than ${mostSteps} steps`);
          this.#nowMs = timer.atMs;
          timer.fire?.();
        } catch (error) {
          reject(error);
          return;
        }
        queueMicrotask(afterMicrotasks);
      };
      // Ticks that are asked for in a tick come before microtasks, those asked for in a microtask after all of them.
      const afterMicrotasks = (): void => process.nextTick(turn);
      afterMicrotasks();
    });
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  /** The next timer that is not cancelled. */
  #pop(): Timer | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      const last = this.#heap.pop();
      if (last !== undefined && last !== first) this.#sink(last);
      if (first.fire !== undefined) return first;
    }
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const other = heap[below + 1];
      if (other !== undefined && isBefore(other, child)) {
        child = other;
        below += 1;
      }
      if (isBefore(timer, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = timer;
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
