import type { CloudEvent } from '../../../lambdas/core/event.ts';
import {
  type Clock,
  InvalidEventError,
  OversizeEventError,
  Sender,
  type Undelivered,
  UndeliveredError,
} from '../../../lambdas/producer/index.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { counted, plural } from '../format.ts';
import { limited, paced } from '../input/flow.ts';
import { type BadLine, type Candidate, readCandidates } from '../input/ndjson.ts';
import type { Source } from '../input/source.ts';
import type { Output } from '../output.ts';
import type { Target } from './target.ts';
import { Places } from './unsent.ts';

/** Events that are read ahead of what the stream has: what may have to be sent again after an interruption. */
const READ_AHEAD = 5_000;
/** After Ctrl-C, what was read may take so long to get in. */
const GRACE_MS = 10_000;
/** Pauses between progress lines: one that lives on a terminal, or a line of a log now and then. */
const LIVE_MS = 200;
const LOG_MS = 5_000;

export interface RunOptions {
  readonly limit?: number;
  /** Events per second. */
  readonly rate?: number;
  /** Lines before are passed over. */
  readonly fromLine: number;
  readonly gzip: boolean;
}

export interface Sent {
  readonly bad: number;
  readonly undelivered: readonly Undelivered[];
  readonly isAll: boolean;
}

/** One pass of the producer library over a source. */
export class Run {
  readonly places = new Places();
  readonly sender: Sender;
  readonly #options: RunOptions;
  readonly #output: Output;
  readonly #clock: Clock;
  /** Aborts once something is given up, so that a source that waits does not wait on. */
  readonly #stop = new AbortController();
  #bad = 0;

  constructor({ put }: Target, options: RunOptions, output: Output, clock: Clock) {
    this.#options = options;
    this.#output = output;
    this.#clock = clock;
    const onUndelivered = ({ failure }: Undelivered): void => this.#stop.abort(failure.cause);
    const { gzip } = options;
    this.sender = new Sender(put, { catalogue, clock, gzip, bufferEvents: READ_AHEAD, onUndelivered });
  }

  /** Everything of the source, or as much as gets in before the signal aborts or the stream refuses. */
  async send(source: Source, signal: AbortSignal): Promise<Sent> {
    using _progress = this.#showProgress();
    const either = AbortSignal.any([signal, this.#stop.signal]);
    const isAll = await this.#read(source, either);
    if (signal.aborted) this.#output.log('Interrupted: what was read is still sent …');
    const undelivered = await this.#finish(signal);
    return { bad: this.#bad, undelivered, isAll };
  }

  /** @returns whether the source was read to its end, or its limit. */
  async #read(source: Source, signal: AbortSignal): Promise<boolean> {
    try {
      for await (const candidate of this.#candidates(source, signal)) await this.#sendOne(candidate, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  #candidates(source: Source, signal: AbortSignal): AsyncIterable<Candidate> {
    const { limit, rate, fromLine } = this.#options;
    const all = readCandidates(source.chunks(signal), (bad) => this.#report(bad), fromLine);
    const some = limit === undefined ? all : limited(all, limit);
    return rate === undefined ? some : paced(some, rate, this.#clock, signal);
  }

  async #sendOne({ place, value }: Candidate, signal: AbortSignal): Promise<void> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.#report({ ...place, reason: 'not a JSON object' });
    }
    // Judged by the sender.
    const event = value as CloudEvent;
    this.places.reading(event, place);
    try {
      await this.sender.send(event, { signal });
    } catch (error) {
      if (!(error instanceof InvalidEventError || error instanceof OversizeEventError)) throw error;
      this.#report({ ...place, reason: error.message });
    }
    this.places.taken();
  }

  #report({ line, event, reason }: BadLine): void {
    this.#bad += 1;
    this.#output.log(`Line ${line}${event === undefined ? '' : `, event ${event}`}: not sent: ${reason}`);
  }

  /** Waits until all that was read is in; for so long only, if the signal aborts. */
  async #finish(signal: AbortSignal): Promise<readonly Undelivered[]> {
    const patience = new AbortController();
    const ended = new AbortController();
    const onAbort = (): void => {
      void this.#exhaust(patience, signal.reason, ended.signal);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.sender.close({ signal: patience.signal });
      return [];
    } catch (error) {
      if (!(error instanceof UndeliveredError)) throw error;
      return error.undelivered;
    } finally {
      signal.removeEventListener('abort', onAbort);
      ended.abort();
    }
  }

  async #exhaust(patience: AbortController, reason: unknown, ended: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(GRACE_MS, ended);
      patience.abort(reason);
    } catch (error) {
      if (!ended.aborted) throw error;
    }
  }

  #showProgress(): Disposable {
    let shown = '';
    const show = (): void => {
      const { delivered, buffered } = this.sender.metrics();
      const bad = this.#bad > 0 ? ` · ${counted(this.#bad)} bad` : '';
      const line = `${plural(delivered, 'event')} sent · ${counted(buffered.events)} under way${bad}`;
      if (this.#output.isLive) this.#output.status(line);
      else if (line !== shown) this.#output.log(line);
      shown = line;
    };
    const timer = setInterval(show, this.#output.isLive ? LIVE_MS : LOG_MS);
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        this.#output.status('');
      },
    };
  }
}
