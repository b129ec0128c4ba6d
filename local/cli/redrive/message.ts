import { z } from 'zod';
import { REJECTION_CODES } from '../../../lambdas/core/rejection.ts';

/** A rejected event or record, as the processor's dead-letter queue holds it (lambdas/aws/dead-letter-queue.ts). */
const letterSchema = z.object({
  id: z.string(),
  processor: z.string(),
  code: z.enum(REJECTION_CODES),
  message: z.string(),
  stream: z.string().optional(),
  shard: z.string().optional(),
  sequence: z.string().regex(/^\d+$/).optional(),
  index: z.int().min(0).optional(),
  arrival: z.iso.datetime().optional(),
  partitionKey: z.string().optional(),
  payload: z.base64().optional(),
  payloadIn: z.object({ bucket: z.string(), key: z.string() }).optional(),
});

export type Letter = z.output<typeof letterSchema>;

/** What Lambda says of a batch that it discarded: metadata, without the records. */
const discardSchema = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  timestamp: z.string(),
  KinesisBatchInfo: z.object({
    shardId: z.string(),
    startSequenceNumber: z.string().regex(/^\d+$/),
    endSequenceNumber: z.string().regex(/^\d+$/),
    approximateArrivalOfFirstRecord: z.string(),
    approximateArrivalOfLastRecord: z.string().optional(),
    batchSize: z.int().min(1),
    streamArn: z.string(),
  }),
});

/** A batch that Lambda discarded. */
export interface Discard {
  readonly condition: string;
  readonly shard: string;
  readonly start: string;
  readonly end: string;
  readonly batchSize: number;
  /** RFC 3339. */
  readonly arrival: string;
  /** From its first record's arrival to its last's, ms. */
  readonly spanMs: number;
}

/** What a message of a queue is. */
export type Parked =
  | { readonly kind: 'letter'; readonly letter: Letter }
  | { readonly kind: 'discard'; readonly discard: Discard }
  /** Nothing that this system's redrive may touch. */
  | { readonly kind: 'foreign'; readonly why: string };

/** Whose messages they must be. */
export interface Owner {
  /** The system's name. */
  readonly name: string;
  /** Physical names. */
  readonly functionName: string;
  readonly streamName: string;
}

/** Reads a message. Whatever is not a dead letter or a discarded batch of this very system is foreign. */
export function parseMessage(body: string, owner: Owner): Parked {
  const json = parsed(body);
  const letter = letterSchema.safeParse(json);
  if (letter.success) {
    if (letter.data.processor === owner.name) return { kind: 'letter', letter: letter.data };
    return { kind: 'foreign', why: `a dead letter of ${letter.data.processor}` };
  }
  const discard = discardSchema.safeParse(json);
  if (!discard.success) return { kind: 'foreign', why: 'neither a dead letter nor a discarded batch' };
  const { requestContext, KinesisBatchInfo: info } = discard.data;
  const functionName = requestContext.functionArn.split(':')[6];
  if (functionName !== owner.functionName) return { kind: 'foreign', why: `a discarded batch of ${functionName}` };
  const streamName = info.streamArn.split('/')[1];
  if (streamName !== owner.streamName)
    return { kind: 'foreign', why: `a discarded batch of the stream ${streamName}, which the system no longer reads` };
  return {
    kind: 'discard',
    discard: {
      condition: requestContext.condition,
      shard: info.shardId,
      start: info.startSequenceNumber,
      end: info.endSequenceNumber,
      batchSize: info.batchSize,
      arrival: info.approximateArrivalOfFirstRecord,
      spanMs: spanOf(info.approximateArrivalOfFirstRecord, info.approximateArrivalOfLastRecord),
    },
  };
}

function spanOf(first: string, last = first): number {
  const ms = Date.parse(last) - Date.parse(first);
  return ms > 0 ? ms : 0;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Its text may be anybody's: that it is no JSON is all there is to say.
    return undefined;
  }
}

/** By what messages are grouped: a letter's code, or Lambda's condition. */
export function reasonOf(parked: Parked): string {
  if (parked.kind === 'letter') return parked.letter.code;
  return parked.kind === 'discard' ? parked.discard.condition : 'not-of-this-system';
}
