import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { summaries } from '../../../lambdas/systems/summaries.ts';
import { systemEnvironment } from '../environment.ts';
import { CliError, EXIT, reasonOf } from '../errors.ts';
import { counted, plural } from '../format.ts';
import { Interrupted } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { connectStream } from './connect.ts';
import { filterOf } from './filter.ts';
import { itemDecoder } from './items.ts';
import type { TailStart } from './lineage.ts';
import { jsonLines, textLines } from './lines.ts';
import { newMask, noMask } from './mask.ts';
import { type TailedRecord, tailRecords } from './reader.ts';

export interface TailCommandOptions {
  readonly stage: string;
  readonly from: TailStart;
  readonly type: readonly string[];
  readonly key: readonly string[];
  readonly where: readonly string[];
  /** Items at most; without end by default. */
  readonly limit?: number;
  readonly json: boolean;
  readonly unmask: boolean;
}

/** Shows the events of a stream until the signal aborts, nobody reads them any more, or the limit is reached. */
export async function tail(
  stream: string,
  options: TailCommandOptions,
  output: Output,
  interrupt: AbortSignal,
): Promise<number> {
  const filter = filterOf(options);
  using connection = await connectStream(options.stage, stream);
  const signal = AbortSignal.any([interrupt, output.readerGone]);
  const records = tailRecords(connection.source, {
    start: options.from,
    pace: connection.pace,
    environment: systemEnvironment,
    signal,
    onWait: (what, { message }) => output.log(`Waiting for ${what}: ${message}`),
  });
  const decode = itemDecoder(connection.manifest, catalogue, connection.formats);
  const line = linesOf(options, output);
  let read = 0;
  let shown = 0;
  const show = async (record: TailedRecord): Promise<void> => {
    for (const item of await decode(record, signal)) {
      read += 1;
      if (!filter(item) || shown === options.limit || signal.aborted) continue;
      output.result(line(item));
      shown += 1;
      await output.room(signal);
    }
  };
  output.log(`Tailing stream ${stream} of stage ${options.stage} from ${nameOf(options.from)}; Ctrl-C ends it`);
  try {
    for await (const record of records) {
      await show(record);
      if (shown === options.limit || signal.aborted) break;
    }
  } catch (error) {
    throw new CliError(`Stream ${stream} of stage ${options.stage} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  output.log(`${plural(shown, 'event')} shown of ${counted(read)} read`);
  // A tail has no end of its own, so that ending it is no failure.
  if (interrupt.aborted && !(interrupt.reason instanceof Interrupted)) throw interrupt.reason;
  return EXIT.ok;
}

function linesOf({ json, unmask }: TailCommandOptions, output: Output) {
  const mask = unmask ? noMask : newMask();
  if (json) return jsonLines({ mask });
  const { terminal } = output;
  return textLines({
    mask,
    summaries,
    colours: terminal !== undefined && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    ...(terminal === undefined ? {} : { columns: terminal.columns }),
  });
}

function nameOf(start: TailStart): string {
  if (start.kind === 'time') return new Date(start.timestampMs).toISOString();
  return start.kind === 'now' ? 'now on' : 'its horizon';
}
