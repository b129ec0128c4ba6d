import { type Environment, TransientError } from '../../../lambdas/runtime/ports.ts';
import type { Outgoing } from './outgoing.ts';
import { SendWindow } from './window.ts';

/** One PutRecords request: 500 records is the service's bound, and its bytes stay below, since a large request only fails as a whole. */
export const CALL_BOUNDS = { records: 500, bytes: 4 * 1024 * 1024 } as const;
/** Records read ahead of what is accepted; the last one may go over the bytes. */
export const WINDOW_BOUNDS = { records: 5_000, bytes: 16 * 1024 * 1024 } as const;

const BACKOFF = { baseMs: 50, capMs: 5_000, attempts: 20 } as const;

/**
 * Puts records of distinct partition keys, as one request.
 *
 * @returns for each record undefined where it is in, else why not.
 * @throws TransientError if the request may work later, and may have worked already; any other error for good.
 */
export type PutRecords = (
  records: readonly Outgoing[],
  signal: AbortSignal,
) => Promise<readonly (TransientError | undefined)[]>;

export interface SendReport {
  /** Records accepted. */
  readonly accepted: number;
  /** Records sent once more because the answer was lost: the stream may hold each of them twice. */
  readonly repeated: number;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  readonly environment: Pick<Environment, 'now' | 'sleep' | 'random'>;
  /** Called after every request with the records accepted so far. */
  readonly onProgress?: (accepted: number) => void;
}

/** A record that the stream did not take in many attempts. */
export class SendError extends Error {
  override readonly name = 'SendError';
}

/**
 * Sends all records of `source` and reads no further ahead than WINDOW_BOUNDS. The stream holds the records of one partition key in the
 * order of the source: a request carries one record of a key at most, since a partial failure does not stop later records, and a key's next
 * record waits until the one before is in. What fails is tried again with full jitter; a lost answer leads to a repeat, never to a gap.
 *
 * @param source must end when its signal aborts.
 * @throws SendError after 20 attempts at one record; the reason of `signal` once it aborts; what the source or `put` throws for good.
 */
export async function send(
  source: (signal: AbortSignal) => AsyncIterable<Outgoing>,
  put: PutRecords,
  options: SendOptions,
): Promise<SendReport> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const sending = new Sending(put, { ...options, signal });
  const orStop = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      stop.abort(error);
    }
  };
  await Promise.all([orStop(sending.read(source(signal))), orStop(sending.drain())]);
  options.signal.throwIfAborted();
  stop.signal.throwIfAborted();
  return sending.report();
}

class Sending {
  readonly #put: PutRecords;
  readonly #options: SendOptions;
  readonly #window = new SendWindow();
  #ended = false;
  #accepted = 0;
  #repeated = 0;
  /** Resolved and replaced whenever the window or the end of the source changes. */
  #change = Promise.withResolvers<void>();

  constructor(put: PutRecords, options: SendOptions) {
    this.#put = put;
    this.#options = options;
  }

  report(): SendReport {
    return { accepted: this.#accepted, repeated: this.#repeated };
  }

  async read(records: AsyncIterable<Outgoing>): Promise<void> {
    for await (const record of records) {
      this.#options.signal.throwIfAborted();
      while (this.#full()) await this.#changed();
      this.#window.push(record);
      this.#announce();
    }
    this.#ended = true;
    this.#announce();
  }

  async drain(): Promise<void> {
    const { environment, signal } = this.#options;
    while (!this.#ended || this.#window.records > 0) {
      signal.throwIfAborted();
      const call = this.#window.ready(environment.now(), CALL_BOUNDS);
      if (call.length > 0) await this.#send(call);
      else await this.#waitForWork();
    }
  }

  #full(): boolean {
    return this.#window.records >= WINDOW_BOUNDS.records || this.#window.bytes >= WINDOW_BOUNDS.bytes;
  }

  async #send(call: readonly Outgoing[]): Promise<void> {
    const answers = await this.#answers(call);
    call.forEach(({ partitionKey }, nth) => {
      const failure = answers[nth];
      if (failure === undefined) {
        this.#window.accepted(partitionKey);
        this.#accepted += 1;
      } else this.#retryLater(partitionKey, failure);
    });
    this.#announce();
    this.#options.onProgress?.(this.#accepted);
  }

  async #answers(call: readonly Outgoing[]): Promise<readonly (TransientError | undefined)[]> {
    try {
      const answers = await this.#put(call, this.#options.signal);
      if (answers.length === call.length) return answers;
      throw new Error(`PutRecords answered ${answers.length} results for ${call.length} records`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      this.#repeated += call.length;
      return call.map(() => error);
    }
  }

  #retryLater(partitionKey: string, failure: TransientError): void {
    const { now, random } = this.#options.environment;
    const failures = this.#window.failed(
      partitionKey,
      (attempts) => now() + random() * Math.min(BACKOFF.capMs, BACKOFF.baseMs * 2 ** (attempts - 1)),
    );
    if (failures < BACKOFF.attempts) return;
    const left = `${this.#accepted} records are in, ${this.#window.records} that were read are not`;
    throw new SendError(`The stream refused a record ${failures} times (${failure.message}); ${left}`, {
      cause: failure,
    });
  }

  /** Until a record is read, the source ends, or a failed record's wait is over. */
  async #waitForWork(): Promise<void> {
    const { environment, signal } = this.#options;
    const readyAt = this.#window.nextReadyAt();
    if (readyAt === undefined) return this.#changed();
    const awake = new AbortController();
    const pause = environment.sleep(Math.max(0, readyAt - environment.now()), AbortSignal.any([signal, awake.signal]));
    const paused = pause.catch((error: unknown) => {
      if (!awake.signal.aborted) throw error;
    });
    try {
      await Promise.race([this.#changed(), paused]);
    } finally {
      awake.abort();
    }
  }

  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #changed(): Promise<void> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const onAbort = (): void => this.#announce();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#change.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    signal.throwIfAborted();
  }
}
