import type { Writable } from 'node:stream';

/** What a command writes to; `columns` and `isTTY` as on a terminal's stream. */
export interface Streams {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

const CLEAR_LINE = '\r\u001b[2K';

/**
 * Results on standard output, everything else on standard error. A reader that goes away is no error: what it would have read is dropped,
 * and the command goes on to its own end.
 */
export class Output {
  readonly #streams: Streams;
  readonly #readerGone = new AbortController();
  #status = '';

  constructor(streams: Streams = process) {
    this.#streams = streams;
    for (const stream of [streams.stdout, streams.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        if (stream === streams.stdout) this.#readerGone.abort(error);
      });
    }
  }

  /** Aborts once nobody reads standard output any more: a command without an end of its own then ends. */
  get readerGone(): AbortSignal {
    return this.#readerGone.signal;
  }

  /** The terminal that results go to; undefined if it is none. */
  get terminal(): { readonly columns: number } | undefined {
    const { isTTY, columns = 80 } = this.#streams.stdout;
    return isTTY === true ? { columns } : undefined;
  }

  /** Resolves once standard output takes more, nobody reads it any more, or the signal aborts. */
  async room(signal: AbortSignal): Promise<void> {
    const { stdout } = this.#streams;
    if (!stdout.writableNeedDrain || stdout.destroyed || signal.aborted) return;
    const events = ['drain', 'close', 'error'] as const;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of events) stdout.off(event, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      for (const event of events) stdout.on(event, done);
      signal.addEventListener('abort', done);
    });
  }

  /** Whether a status line can be rewritten in place. */
  get isLive(): boolean {
    return this.#streams.stderr.isTTY === true;
  }

  /** Lines of the result. */
  result(text: string): void {
    this.#clearStatus();
    this.#streams.stdout.write(`${text}\n`);
    this.#drawStatus();
  }

  /** A line for whoever watches. */
  log(text: string): void {
    this.#clearStatus();
    this.#streams.stderr.write(`${text}\n`);
    this.#drawStatus();
  }

  /** Replaces the status line at the bottom of a terminal; empty removes it. Does nothing elsewhere. */
  status(text: string): void {
    if (!this.isLive || text === this.#status) return;
    this.#clearStatus();
    this.#status = text;
    this.#drawStatus();
  }

  /** What begins now: the status of a terminal, a line elsewhere. */
  phase(text: string): void {
    if (this.isLive) this.status(text);
    else this.log(text);
  }

  #clearStatus(): void {
    if (this.#status !== '') this.#streams.stderr.write(CLEAR_LINE);
  }

  #drawStatus(): void {
    // A terminal that does not know its width says 0.
    const columns = this.#streams.stderr.columns || 80;
    if (this.#status !== '') this.#streams.stderr.write(this.#status.slice(0, columns - 1));
  }
}

/** Text of an event as a terminal may show it: characters that could move its cursor, or the reading direction, as escapes. */
export const printable = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
