import type { KinesisClientConfig } from '@aws-sdk/client-kinesis';
import {
  type Clock,
  type DeliveryFailure,
  kinesisRecords,
  type PutRecords,
  producerClient,
  Sender,
  type StreamRecord,
  UndeliveredError,
} from '../../../lambdas/producer/index.ts';
import { REGION } from '../../emulators/emulators.ts';
import { plural } from '../format.ts';

/** Records that are read ahead of what is accepted. */
export const READ_AHEAD = 5_000;
/** Short, since whoever reads a pipe wants to see its events arrive. */
const LINGER_MS = 20;

export interface SendReport {
  /** Records accepted. */
  readonly accepted: number;
  /** Records sent once more because the answer was lost: the stream may hold each of them twice. */
  readonly repeated: number;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  readonly environment: Clock;
  /** Called after every request with the records accepted so far. */
  readonly onProgress?: (accepted: number) => void;
}

/** Records that the stream did not take for two minutes, or refused for good. */
export class SendError extends Error {
  override readonly name = 'SendError';

  constructor(records: number, accepted: number, reason: string, options: ErrorOptions) {
    const left = `${plural(accepted, 'record')} are in, ${records} that were read are not`;
    super(`The stream did not take a record (${reason}); ${left}`, options);
  }
}

/**
 * Sends all records of `source` as they are, by the producer library, and reads no further ahead than READ_AHEAD. The stream holds the records of
 * one partition key in the order of the source.
 *
 * @param source must end when its signal aborts.
 * @throws SendError; the reason of `signal` once it aborts; what the source throws.
 */
export async function send(
  source: (signal: AbortSignal) => AsyncIterable<StreamRecord>,
  put: PutRecords,
  { signal, environment, onProgress }: SendOptions,
): Promise<SendReport> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const givenUp: DeliveryFailure[] = [];
  const sender: Sender = new Sender(put, {
    signal,
    clock: environment,
    lingerMs: LINGER_MS,
    bufferEvents: READ_AHEAD,
    onCall: () => onProgress?.(sender.metrics().delivered),
    onUndelivered: ({ failure }) => {
      givenUp.push(failure);
      stop.abort(failure.cause);
    },
  });
  try {
    for await (const record of source(either)) await sender.sendRecord(record, { signal: either });
    await sender.close();
  } catch (error) {
    const [first] = givenUp;
    await abandon(sender);
    signal.throwIfAborted();
    if (first === undefined) throw error;
    throw new SendError(givenUp.length, sender.metrics().delivered, first.message, { cause: first.cause });
  }
  const { delivered, repeated } = sender.metrics();
  return { accepted: delivered, repeated };
}

/** Gives up whatever is left. */
async function abandon(sender: Sender): Promise<void> {
  try {
    await sender.close({ signal: AbortSignal.abort() });
  } catch (error) {
    if (!(error instanceof UndeliveredError)) throw error;
  }
}

/** Puts into a stream of the local cloud, and what closes their connections. */
export function putsInto(
  endpoint: string,
  streamName: string,
): { readonly put: PutRecords; readonly destroy: () => void } {
  const client = producerClient(localConfig(endpoint));
  return { put: kinesisRecords(client, streamName), destroy: () => client.destroy() };
}

/** Credentials that nobody checks. */
export const localConfig = (endpoint: string, region = REGION): KinesisClientConfig => ({
  endpoint,
  region,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
