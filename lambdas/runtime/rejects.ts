import { attempt } from './attempt.ts';
import type { Context } from './context.ts';
import { type DeadLetter, TransientError } from './ports.ts';

/** A record or event that was rejected before it had a lane: it waits only for its dead letter. */
export interface Reject {
  readonly letter: DeadLetter;
  /** Index of its record in the batch. */
  readonly record: number;
  kept: boolean;
  trouble: TransientError | undefined;
}

/** Puts what is not kept yet into the dead-letter queue. */
export async function keepRejects(context: Context, rejects: readonly Reject[]): Promise<void> {
  const open = rejects.filter((reject) => !reject.kept);
  if (open.length === 0) return;
  const { deadLetters } = context.ports;
  const letters = open.map((reject) => reject.letter);
  const results = await attempt(context.signal, () => deadLetters.put(letters, context.signal));
  open.forEach((reject, nth) => {
    reject.trouble = results instanceof TransientError ? results : results[nth];
    reject.kept = reject.trouble === undefined;
    if (reject.kept) context.tally.rejected(reject.letter.cause.code);
  });
}
