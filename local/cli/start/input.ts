import type { Readable } from 'node:stream';
import type { StreamRecord } from '../../../lambdas/producer/index.ts';
import type { Environment } from '../../../lambdas/runtime/ports.ts';
import { shopEvents } from '../../demo/shop-events.ts';
import { readShopRows } from '../../demo/shop-rows.ts';
import { limited, paced } from '../input/flow.ts';
import { type BadLine, readNdjson } from '../input/ndjson.ts';
import { openSource } from '../input/source.ts';

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
  const source = events === undefined ? undefined : await openSource(events, `--events ${events}`, stdin);
  const records = (signal: AbortSignal): AsyncIterable<StreamRecord> =>
    source === undefined ? bundled() : readNdjson(source.chunks(signal), onBad);
  return {
    name: source?.name ?? "the shop's events",
    events: (signal) => {
      const all = records(signal);
      const some = limit === undefined ? all : limited(all, limit);
      return rate === undefined ? some : paced(some, rate, environment, signal);
    },
    [Symbol.asyncDispose]: async () => {
      await source?.[Symbol.asyncDispose]();
    },
  };
}

async function* bundled(): AsyncGenerator<StreamRecord> {
  for await (const event of shopEvents(readShopRows())) {
    yield { partitionKey: event.subject, data: Buffer.from(JSON.stringify(event)) };
  }
}
