import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import type { StreamRecord } from '../../../lambdas/producer/index.ts';
import type { Environment } from '../../../lambdas/runtime/ports.ts';
import { shopEvents } from '../../demo/shop-events.ts';
import { readShopRows } from '../../demo/shop-rows.ts';
import { CliError } from '../errors.ts';
import { limited, paced } from '../input/flow.ts';
import { type BadLine, readNdjson } from '../input/ndjson.ts';

export interface InputOptions {
  /** NDJSON of CloudEvents, `-` for standard input; the shop's events by default. */
  readonly events?: string;
  readonly limit?: number;
  /** Events per second. */
  readonly rate?: number;
}

/** Where the events of a run come from. */
export interface Input extends AsyncDisposable {
  /** For people. */
  readonly name: string;
  /** The events, once. Ends or throws soon after the signal aborts. */
  events(signal: AbortSignal): AsyncIterable<StreamRecord>;
}

/**
 * Opens the input, so that a file that is not there is known before anything starts.
 *
 * @param onBad is told of each event that cannot be sent.
 * @throws CliError if the file cannot be opened.
 */
export async function openInput(
  { events, limit, rate }: InputOptions,
  environment: Pick<Environment, 'now' | 'sleep'>,
  onBad: (bad: BadLine) => void,
  stdin: Readable = process.stdin,
): Promise<Input> {
  const file = events === undefined || events === '-' ? undefined : await openFile(events);
  const records = (signal: AbortSignal): AsyncIterable<StreamRecord> => {
    if (events === undefined) return bundled();
    const chunks = file?.createReadStream({ autoClose: false }) ?? stdin;
    return readNdjson(addAbortSignal(signal, chunks), onBad);
  };
  return {
    name: events === undefined ? "the shop's events" : events === '-' ? 'standard input' : events,
    events: (signal) => {
      const all = records(signal);
      const some = limit === undefined ? all : limited(all, limit);
      return rate === undefined ? some : paced(some, rate, environment, signal);
    },
    [Symbol.asyncDispose]: async () => {
      await file?.close();
      // Left open, standard input keeps the process alive.
      if (events === '-') stdin.destroy();
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    if (!(await file.stat()).isDirectory()) return file;
    await file.close();
  } catch (error) {
    throw new CliError(`--events ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new CliError(`--events ${path}: is a directory, and must be a file of NDJSON`);
}

async function* bundled(): AsyncGenerator<StreamRecord> {
  for await (const event of shopEvents(readShopRows())) {
    yield { partitionKey: event.subject, data: Buffer.from(JSON.stringify(event)) };
  }
}
