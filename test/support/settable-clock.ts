import type { CloudClock } from '../../local/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Beyond it, setTimeout fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock, which a test may set ahead: whatever has become due by then happens, in order and each at its time. */
export class SettableClock implements CloudClock {
  readonly #machineNow: () => number;
  /** What it was ahead from a time of the machine's on, oldest first. */
  readonly #jumps: { readonly machineMs: number; readonly aheadMs: number }[] = [];
  readonly #timers = new Set<Timer>();

  constructor(machineNow: () => number = Date.now) {
    this.#machineNow = machineNow;
  }

  // Functions of their own, since those who take a clock keep them.
  readonly now = (): number => this.#machineNow() + this.aheadMs();

  readonly aheadMs = (machineMs = Number.POSITIVE_INFINITY): number =>
    this.#jumps.findLast((jump) => jump.machineMs < machineMs)?.aheadMs ?? 0;

  readonly at = (atMs: number, callback: () => void): (() => void) => {
    const fire = () => {
      if (this.#timers.delete(timer)) callback();
    };
    const timer: Timer = { atMs, fire, handle: undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer.handle);
    };
  };

  /**
   * Sets it ahead. Resolves once the machine's clock has gone on as well: what the machine stamps from then on is known to be later.
   *
   * @throws RangeError for a time that has passed.
   */
  async advanceTo(timeMs: number): Promise<void> {
    if (timeMs < this.now()) throw new RangeError(`${new Date(timeMs).toISOString()} has passed`);
    for (let next = this.#nextBy(timeMs); next !== undefined; next = this.#nextBy(timeMs)) {
      clearTimeout(next.handle);
      this.#set(next.atMs);
      next.fire();
    }
    this.#set(timeMs);
    for (const timer of this.#timers) this.#arm(timer);
    const jumpedMs = this.#machineNow();
    while (this.#machineNow() <= jumpedMs) await new Promise((resolve) => setImmediate(resolve));
  }

  advance = (ms: number): Promise<void> => this.advanceTo(this.now() + ms);

  /** By the machine's pace, from what the clock shows now. */
  #arm(timer: Timer): void {
    clearTimeout(timer.handle);
    timer.handle = setTimeout(timer.fire, Math.min(LONGEST_TIMER_MS, Math.max(0, timer.atMs - this.now())));
  }

  #nextBy(timeMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.atMs <= timeMs && timer.atMs < (next?.atMs ?? Infinity)) next = timer;
    return next;
  }

  #set(timeMs: number): void {
    const machineMs = this.#machineNow();
    const aheadMs = Math.max(this.aheadMs(), timeMs - machineMs);
    if (this.#jumps.at(-1)?.machineMs === machineMs) this.#jumps.pop();
    this.#jumps.push({ machineMs, aheadMs });
  }
}
