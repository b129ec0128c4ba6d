import { setMaxListeners } from 'node:events';
import type { Environment } from './ports.ts';
import type { RuntimeSettings } from './settings.ts';

/** The time limits of one invocation, as signals that every request carries. */
export interface TimeLimits {
  /** Aborts when folding must end. */
  readonly working: AbortSignal;
  /** Aborts when the invocation must answer. */
  readonly closing: AbortSignal;
  /** Aborts whatever is still in flight. */
  end(): Promise<void>;
}

export function timeLimits(
  environment: Environment,
  remainingMs: number,
  { deadlines }: Pick<RuntimeSettings, 'deadlines'>,
): TimeLimits {
  const working = new AbortController();
  const closing = new AbortController();
  const ended = new AbortController();
  // Every request of a batch listens to them: hundreds are no leak.
  for (const { signal } of [working, closing]) setMaxListeners(0, signal);
  const abortAfter = async (controller: AbortController, share: number): Promise<void> => {
    try {
      await environment.sleep(remainingMs * share, ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    }
    controller.abort(new Error('The invocation has no more time'));
  };
  const timers = Promise.all([abortAfter(working, deadlines.working), abortAfter(closing, deadlines.closing)]);
  return {
    working: working.signal,
    closing: closing.signal,
    end: async () => {
      ended.abort(new Error('The invocation has ended'));
      await timers;
    },
  };
}
