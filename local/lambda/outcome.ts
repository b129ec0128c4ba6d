import type { InvokeResult } from '../esm/types.ts';
import type { RuntimeErrorType } from './definition.ts';
import type { ThrownError } from './protocol.ts';

/** Lambda's limit on events and on answers (Developer Guide, "Lambda quotas": 6 MB each for synchronous invocations). */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

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

/** An answer that is too large is an error of the function. */
export function withinSize(outcome: Outcome): Outcome {
  const bytes = outcome.kind === 'returned' ? Buffer.byteLength(outcome.payload) : 0;
  if (bytes <= MAX_PAYLOAD_BYTES) return outcome;
  return died('Function.ResponseSizeTooLarge', `an answer of ${bytes} bytes is over the limit of ${MAX_PAYLOAD_BYTES}`);
}

/** What whoever invoked the function is told. */
export function resultOf(requestId: string, outcome: Outcome): InvokeResult {
  if (outcome.kind === 'returned') return { kind: 'returned', requestId, payload: JSON.parse(outcome.payload) };
  return { kind: 'failed', requestId, functionError: 'Unhandled', message: messageOf(outcome) };
}

function messageOf(outcome: Exclude<Outcome, { kind: 'returned' }>): string {
  if (outcome.kind === 'died') {
    return outcome.errorType === 'Sandbox.Timedout' ? outcome.message : `${outcome.errorType}: ${outcome.message}`;
  }
  const { errorType, errorMessage, trace } = outcome.error;
  return `${errorType}: ${errorMessage}\n${trace.slice(1).join('\n')}`.trim();
}
