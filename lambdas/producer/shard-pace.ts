/** What a shard takes in a second (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html). */
export const SHARD_LIMITS = { bytesPerSecond: 1_000_000, recordsPerSecond: 1_000 } as const;

const ADJUST_MS = 500;
/** How much of the shard's limits is won back at each adjustment. */
const INCREASE = 0.02;
/** After so long without a throttle, the shard is not paced any more. */
const CALM_MS = 10_000;

/**
 * How fast one shard that has throttled is written to: a share of its limits. The share shrinks by half the part of the records that were throttled, and
 * grows by a little at every adjustment, as congestion control does with marked packets: several producers of a shard come to share it, and a shard
 * that throttles one record in a hundred is hardly slowed. A bucket of one second's worth allows bursts.
 */
export class ShardPace {
  #share = 1;
  #bytes = 0;
  #records = 0;
  #filledMs: number;
  #throttledMs: number;
  #adjustedMs: number;
  #answered = 0;
  #throttled = 0;

  constructor(nowMs: number) {
    this.#filledMs = nowMs;
    this.#throttledMs = nowMs;
    this.#adjustedMs = nowMs;
  }

  get share(): number {
    return this.#share;
  }

  isCalm(nowMs: number): boolean {
    return this.#share === 1 && nowMs - this.#throttledMs >= CALM_MS;
  }

  /** Epoch milliseconds from which the shard may be written to again; not after `nowMs` if it may be now. */
  readyAt(nowMs: number): number {
    this.#fill(nowMs);
    const missing = Math.max(
      -this.#bytes / this.#rate('bytesPerSecond'),
      -this.#records / this.#rate('recordsPerSecond'),
    );
    return missing < 0 ? nowMs : nowMs + Math.max(1, Math.ceil(missing * 1_000));
  }

  /** A record goes out. A large one may take more than there is, and the next ones wait for it. */
  take(bytes: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#bytes -= bytes;
    this.#records -= 1;
  }

  answered(isThrottled: boolean, nowMs: number): void {
    this.#answered += 1;
    if (isThrottled) {
      this.#throttled += 1;
      this.#throttledMs = nowMs;
    }
    if (nowMs - this.#adjustedMs < ADJUST_MS) return;
    this.#fill(nowMs);
    const lost = this.#throttled / this.#answered;
    this.#share = Math.min(1, this.#share * (1 - lost / 2) + INCREASE);
    this.#adjustedMs = nowMs;
    this.#answered = 0;
    this.#throttled = 0;
  }

  #rate(limit: keyof typeof SHARD_LIMITS): number {
    return SHARD_LIMITS[limit] * this.#share;
  }

  #fill(nowMs: number): void {
    const seconds = Math.max(0, nowMs - this.#filledMs) / 1_000;
    const [bytes, records] = [this.#rate('bytesPerSecond'), this.#rate('recordsPerSecond')];
    this.#bytes = Math.min(bytes, this.#bytes + bytes * seconds);
    this.#records = Math.min(records, this.#records + records * seconds);
    this.#filledMs = nowMs;
  }
}
