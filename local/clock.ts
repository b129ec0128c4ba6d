import type { Clock } from './esm/ports.ts';

/** Time of a local cloud: the machine's, or one that a test sets ahead of it. What passes meanwhile passes at the machine's pace. */
export interface CloudClock extends Clock {
  /**
   * Milliseconds by which it was ahead of the machine's clock when that showed `machineMs`; by default is now. It tells what the emulators,
   * which have the machine's time, have stamped. Absent: it is the machine's.
   */
  aheadMs?(machineMs?: number): number;
}

/**
 * Begins to measure.
 *
 * @param clock the machine's by default.
 * @returns what says how many milliseconds, and parts of them, have passed since.
 */
export function stopwatch(clock: Pick<CloudClock, 'aheadMs'> = {}): () => number {
  const nowMs = () => performance.now() + (clock.aheadMs?.() ?? 0);
  const startedMs = nowMs();
  return () => nowMs() - startedMs;
}
