import { EngineInputError } from './errors.ts';
import { backoffMs } from './retry.ts';
import type { Step } from './step.ts';

/** When the shard list is asked for, and how fresh the known one is. */
export class Listing {
  #underWay: { readonly issuedMs: number; readonly outdated: boolean } | undefined;
  #nextMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Issue time of the listing that the shards are known from; none while a shard's end calls for a newer one. */
  #provenMs: number | undefined;

  beginIfDue(step: Step): void {
    if (this.#underWay || this.#nextMs > step.nowMs) return;
    this.#underWay = { issuedMs: step.nowMs, outdated: false };
    step.emit({ kind: 'list-shards' });
  }

  succeed(step: Step): void {
    const { issuedMs, outdated } = this.#end();
    this.#failures = 0;
    this.#provenMs = outdated ? undefined : issuedMs;
    this.#nextMs = outdated ? step.nowMs : step.nowMs + step.mapping.shardListIntervalMs;
  }

  fail(step: Step): void {
    this.#end();
    this.#failures += 1;
    this.#nextMs = step.nowMs + backoffMs(this.#failures, step.mapping);
  }

  /** A shard was read to its end: its children may be missing from what is known, and from a listing that is under way. */
  outdate(step: Step): void {
    this.#provenMs = undefined;
    if (this.#underWay) this.#underWay = { ...this.#underWay, outdated: true };
    else this.#nextMs = step.nowMs;
  }

  /** Whether the known shards come from a listing that began after that time. */
  isProvenSince(sinceMs: number): boolean {
    return this.#provenMs !== undefined && this.#provenMs > sinceMs;
  }

  wakeMs(): number {
    return this.#underWay ? Number.POSITIVE_INFINITY : this.#nextMs;
  }

  #end(): { readonly issuedMs: number; readonly outdated: boolean } {
    const ended = this.#underWay;
    if (!ended) throw new EngineInputError('an answer to a shard listing that is not under way', {});
    this.#underWay = undefined;
    return ended;
  }
}
