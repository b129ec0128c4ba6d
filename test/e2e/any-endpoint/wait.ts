import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 200;

/** A condition that did not come true in time. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

export interface Wait<T> {
  /** Completes "after 60 s there was still no …". */
  readonly what: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Asks once; undefined means not yet. What it throws ends the wait. */
  readonly probe: () => Promise<T | undefined>;
  /** What the last probe saw, for the message. */
  readonly seen?: () => unknown;
}

/** Asks again and again until there is an answer. @throws TimedOut, the signal's reason, or what the probe throws. */
export async function eventually<T>({ what, seconds, signal, probe, seen }: Wait<T>): Promise<T> {
  const untilMs = Date.now() + seconds * 1_000;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    signal.throwIfAborted();
    if (Date.now() >= untilMs) {
      const last = seen === undefined ? '' : `; last seen: ${JSON.stringify(seen()) ?? 'nothing'}`;
      throw new TimedOut(`after ${seconds} s there was still no ${what}${last}`);
    }
    await delay(PAUSE_MS, undefined, { signal });
  }
}
