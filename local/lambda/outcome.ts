import type { RuntimeErrorType } from './definition.ts';
import type { ThrownError } from './protocol.ts';

/** How one invocation of an environment ended. */
export type Outcome =
  /** The handler returned; `payload` is JSON. */
  | { readonly kind: 'returned'; readonly payload: string }
  /** The handler threw. The environment stays. */
  | { readonly kind: 'threw'; readonly error: ThrownError }
  /** The environment is gone. */
  | { readonly kind: 'died'; readonly errorType: RuntimeErrorType; readonly message: string };

export type Died = Extract<Outcome, { kind: 'died' }>;

export const died = (errorType: RuntimeErrorType, message: string): Died => ({ kind: 'died', errorType, message });

/** An error that reached the top of a thread, in Lambda's terms. */
export function ofUncaught(error: unknown, memoryMb: number): Died {
  if ((error as NodeJS.ErrnoException)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return died('Runtime.OutOfMemory', `Runtime exited with error: more than the heap of a ${memoryMb} MB function`);
  }
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  return died('Runtime.UnhandledError', `Uncaught ${name}: ${message}`);
}

/** A thread that ended by `process.exit`, in Lambda's words. */
export const ofExit = (code: number): Died =>
  died(
    'Runtime.ExitError',
    code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`,
  );
