import { DEAD_LETTER_PREFIX } from '../core/names.ts';
import { eachLimit } from '../runtime/attempt.ts';
import { type DeadLetter, type DeadLetters, type PutResult, TransientError } from '../runtime/ports.ts';
import { transientOf } from './errors.ts';
import { MESSAGE_BYTES, type SendBatch, sendMessages } from './sqs-batch.ts';

const PORT = 'dead-letters';

/** Keeps an object; throws what its client throws. */
export type PutObject = (key: string, body: Uint8Array, signal: AbortSignal) => Promise<void>;

/** What a dead letter looks like in the queue. Redrive and people read it. */
export interface DeadLetterMessage {
  readonly id: string;
  readonly processor: string;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly stream?: string;
  readonly shard?: string;
  readonly sequence?: string;
  readonly index?: number;
  /** RFC 3339. */
  readonly arrival?: string;
  readonly partitionKey?: string;
  /** Base64 of the bytes, unless they are too many. */
  readonly payload?: string;
  /** Where the bytes are instead. */
  readonly payloadIn?: { readonly bucket: string; readonly key: string };
}

/** Dead letters in an SQS queue; payloads that no message holds in an S3 bucket, with a pointer in the message. */
export function awsDeadLetters(send: SendBatch, queueUrl: string, bucket: string, putObject: PutObject): DeadLetters {
  return {
    put: async (letters, signal) => {
      const results: PutResult[] = letters.map(() => new TransientError('dead-letters.unavailable', 'Not sent'));
      const messages: { body: string; at: number }[] = [];
      const large: { letter: DeadLetter; at: number }[] = [];
      letters.forEach((letter, at) => {
        const body = JSON.stringify(messageOf(letter));
        if (Buffer.byteLength(body) <= MESSAGE_BYTES) messages.push({ body, at });
        else large.push({ letter, at });
      });
      await eachLimit(large, 4, async ({ letter, at }) => {
        const key = `${DEAD_LETTER_PREFIX}${letter.processor}/${letter.id}`;
        const trouble = await transiently(() => putObject(key, letter.payload, signal));
        if (trouble === undefined) messages.push({ body: JSON.stringify(pointerOf(letter, bucket, key)), at });
        else results[at] = trouble;
      });
      const bodies = messages.map(({ body }) => body);
      const sent = await sendMessages(send, queueUrl, PORT, bodies, signal);
      messages.forEach(({ at }, nth) => {
        results[at] = sent[nth];
      });
      return results;
    },
  };
}

async function transiently(call: () => Promise<void>): Promise<TransientError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const transient = transientOf(PORT, error);
    if (transient === undefined) throw error;
    return transient;
  }
}

const messageOf = (letter: DeadLetter): DeadLetterMessage => ({
  ...headOf(letter),
  payload: Buffer.from(letter.payload).toString('base64'),
});

const pointerOf = (letter: DeadLetter, bucket: string, key: string): DeadLetterMessage => ({
  ...headOf(letter),
  payloadIn: { bucket, key },
});

function headOf({ id, processor, cause, position, arrivalMs, partitionKey }: DeadLetter): DeadLetterMessage {
  return {
    id,
    processor,
    ...cause,
    ...position,
    ...(arrivalMs === undefined ? {} : { arrival: new Date(arrivalMs).toISOString() }),
    ...(partitionKey === undefined ? {} : { partitionKey }),
  };
}
