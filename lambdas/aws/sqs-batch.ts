import { eachLimit } from '../runtime/attempt.ts';
import { TransientError } from '../runtime/ports.ts';
import { transientCode, transientOf } from './errors.ts';

/** SendMessageBatch takes ten messages. */
const MOST_MESSAGES = 10;
/** The bound kept for a message, and for all messages of a call together: the least that queues are commonly set to. */
export const MESSAGE_BYTES = 256 * 1024;
const CALLS_AT_ONCE = 8;

export interface BatchEntry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** SQS's answer: each entry is in one of the lists, by its id. */
export interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?:
    | readonly {
        readonly Id?: string | undefined;
        readonly Code?: string | undefined;
        readonly Message?: string | undefined;
      }[]
    | undefined;
}

/** SendMessageBatch: at most ten messages, one request. Throws what its client throws. */
export type SendBatch = (queueUrl: string, entries: readonly BatchEntry[], signal: AbortSignal) => Promise<BatchAnswer>;

/**
 * Sends messages of at most MESSAGE_BYTES each, as few calls as possible. Results in the order of `bodies`: undefined where the queue
 * took the message. What is not recognised as transient is thrown.
 */
export async function sendMessages(
  send: SendBatch,
  queueUrl: string,
  port: string,
  bodies: readonly string[],
  signal: AbortSignal,
): Promise<readonly (TransientError | undefined)[]> {
  const results: (TransientError | undefined)[] = bodies.map(
    () => new TransientError(`${port}.unavailable`, 'SQS left the message out of its answer'),
  );
  await eachLimit([...batches(bodies)], CALLS_AT_ONCE, async (batch) => {
    const Entries = batch.map((at) => ({ Id: String(at), MessageBody: bodies[at] ?? '' }));
    try {
      const answer = await send(queueUrl, Entries, signal);
      for (const { Id } of answer.Successful ?? []) results[Number(Id)] = undefined;
      for (const { Id, Code, Message } of answer.Failed ?? []) results[Number(Id)] = transientCode(port, Code, Message);
    } catch (error) {
      const transient = transientOf(port, error);
      if (transient === undefined) throw error;
      for (const at of batch) results[at] = transient;
    }
  });
  return results;
}

/** Indexes of messages that fit one call together. */
function* batches(bodies: readonly string[]): Generator<readonly number[]> {
  let batch: number[] = [];
  let bytes = 0;
  for (const [at, body] of bodies.entries()) {
    const size = Buffer.byteLength(body);
    if (batch.length === MOST_MESSAGES || (batch.length > 0 && bytes + size > MESSAGE_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(at);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
