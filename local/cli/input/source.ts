import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { CliError } from '../errors.ts';

/** A file or standard input, to be read once. */
export interface Source extends AsyncDisposable {
  /** For people. */
  readonly name: string;
  /** Ends with an error soon after the signal aborts. */
  chunks(signal: AbortSignal): AsyncIterable<Buffer>;
}

/**
 * Opens a file, so that one that is not there is known before anything starts.
 *
 * @param file `-` for standard input.
 * @param label what the message names the file by: `--events FILE`.
 * @throws CliError if it cannot be opened.
 */
export async function openSource(file: string, label = file, stdin: Readable = process.stdin): Promise<Source> {
  if (file === '-') {
    return {
      name: 'standard input',
      chunks: (signal) => addAbortSignal(signal, stdin),
      // Left open, it keeps the process alive.
      [Symbol.asyncDispose]: async () => {
        stdin.destroy();
      },
    };
  }
  const handle = await openFile(file, label);
  return {
    name: file,
    chunks: (signal) => addAbortSignal(signal, handle.createReadStream({ autoClose: false })),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function openFile(path: string, label: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    if (!(await file.stat()).isDirectory()) return file;
    await file.close();
  } catch (error) {
    throw new CliError(`${label}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new CliError(`${label}: is a directory, and must be a file of NDJSON`);
}
