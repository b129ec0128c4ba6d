import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

/** A line that a function wrote. */
export interface LogLine {
  /** Epoch milliseconds at which it reached the local cloud. */
  readonly timestampMs: number;
  readonly text: string;
  /** Higher than that of every line before it, of all logs of this process. */
  readonly id: number;
  /** Whose environment wrote it. */
  readonly logStream: string;
}

let lines = 0;

const KEPT_LINES = 10_000;

/** The log of one function, all its environments together: the last lines in memory, all of them in a file if one is named. */
export class FunctionLog {
  readonly #lines: LogLine[] = [];
  readonly #file: WriteStream | undefined;
  readonly #listener: (line: LogLine) => void;

  /**
   * @param listener is told of each complete line.
   * @param file is begun anew; its directory is made.
   */
  constructor(listener: (line: LogLine) => void, file?: string) {
    this.#listener = listener;
    if (file) {
      mkdirSync(dirname(file), { recursive: true });
      this.#file = createWriteStream(file);
    }
  }

  /**
   * A writer for one environment, which puts the pieces of lines together.
   *
   * @param logStream of the environment.
   */
  writer(logStream: string): (text: string) => void {
    let rest = '';
    return (text) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line !== '') this.#append(line, logStream);
    };
  }

  /** The last lines, oldest first. */
  lines(): readonly LogLine[] {
    return [...this.#lines];
  }

  /** Writes out what is left of the file. */
  async close(): Promise<void> {
    const file = this.#file;
    if (file) await new Promise<void>((resolve) => file.end(resolve));
  }

  #append(text: string, logStream: string): void {
    lines += 1;
    const line = { timestampMs: Date.now(), text, id: lines, logStream };
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    this.#file?.write(`${text}\n`);
    this.#listener(line);
  }
}
