import { PRICES } from '../../../lib/cost/prices.ts';
import { systemEnvironment } from '../environment.ts';
import { CliError, EXIT, reasonOf } from '../errors.ts';
import { counted, plural } from '../format.ts';
import type { Output } from '../output.ts';
import { connect } from '../profiles/connect.ts';
import type { ListedSegment } from '../profiles/model.ts';
import type { Item } from '../profiles/queries.ts';
import { LOCAL_STAGE } from '../start/system.ts';
import { columns } from './columns.ts';
import { csvEncoder, type Encoder, exportedRow, ndjsonEncoder } from './encode.ts';
import { Pacer } from './pacer.ts';
import { scanPages, segmentPages } from './pages.ts';
import { fileSink, outputSink, type Sink } from './sink.ts';

export interface ExportOptions {
  readonly stage: string;
  readonly format: 'csv' | 'ndjson' | 'parquet';
  /** Standard output if absent, which takes text only. */
  readonly out?: string;
  /** The whole table if absent. */
  readonly segment?: ListedSegment;
  /** Read units a second; without a limit if absent. */
  readonly rate?: number;
  readonly personal: boolean;
  readonly internal: boolean;
}

interface Progress {
  rows: number;
  /** Items that are no profiles: somebody else's. */
  skipped: number;
}

/** Rows of 1 KB that a read unit pays for, eventually consistent. */
const ROWS_PER_UNIT = 8;

/**
 * Writes the profiles of a stage in a format for other tools.
 *
 * @throws CliError if the stage or the file cannot be reached; the signal's reason if it aborts, in which case no file is left behind.
 */
export async function exportProfiles(options: ExportOptions, output: Output, interrupt: AbortSignal): Promise<number> {
  if (options.format === 'parquet' && options.out === undefined) {
    throw new CliError('Parquet is no text for standard output: say --out FILE');
  }
  const { stage, segment, rate = Number.POSITIVE_INFINITY } = options;
  const signal = AbortSignal.any([interrupt, output.readerGone]);
  using table = await connect(stage);
  const pacer = new Pacer(rate, systemEnvironment);
  const paging = {
    pacer,
    signal,
    ...(Number.isFinite(rate) ? { pageRows: Math.max(1, Math.floor(rate * ROWS_PER_UNIT)) } : {}),
  };
  const pages = segment === undefined ? scanPages(table, paging) : segmentPages(table, segment, paging);
  await using sink = await sinkOf(options, output, signal);
  const encoder = await encoderOf(options);
  const progress: Progress = { rows: 0, skipped: 0 };
  try {
    await write(pages, encoder, sink, options, () => output.status(progressLine(progress, pacer)), progress);
    await sink.done();
  } catch (error) {
    if (interrupt.aborted) throw interrupt.reason;
    if (output.readerGone.aborted) return EXIT.ok;
    throw new CliError(`The profiles of stage ${stage} cannot be exported: ${reasonOf(error)}`, { cause: error });
  } finally {
    output.status('');
  }
  output.log(summary(options, progress, pacer));
  return EXIT.ok;
}

async function sinkOf({ out }: ExportOptions, output: Output, signal: AbortSignal): Promise<Sink> {
  if (out === undefined) return outputSink(output, signal);
  try {
    return await fileSink(out);
  } catch (error) {
    throw new CliError(`${out} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}

/** The writer of Parquet is loaded when it is wanted. */
async function encoderOf({ format, personal, internal }: ExportOptions): Promise<Encoder> {
  const chosen = columns().filter((column) => personal || !column.personal);
  if (format === 'csv') return csvEncoder(chosen, internal);
  if (format === 'ndjson') return ndjsonEncoder(chosen);
  const { parquetEncoder } = await import('./parquet.ts');
  return parquetEncoder(chosen, internal);
}

async function write(
  pages: AsyncIterable<readonly Item[]>,
  encoder: Encoder,
  sink: Sink,
  { internal }: ExportOptions,
  shown: () => void,
  progress: Progress,
): Promise<void> {
  for await (const page of pages) {
    const rows = page.flatMap((item) => exportedRow(item, internal) ?? []);
    progress.rows += rows.length;
    progress.skipped += page.length - rows.length;
    await sink.write(encoder.rows(rows));
    shown();
  }
  await sink.write(encoder.end());
}

const progressLine = ({ rows }: Progress, { spent }: Pacer): string =>
  `${plural(rows, 'profile')} exported · ${counted(spent)} read units`;

function summary({ stage, out, personal, internal }: ExportOptions, progress: Progress, { spent }: Pacer): string {
  const { rows, skipped } = progress;
  const usd = ((spent * PRICES.readUnit.usd) / 1e6).toFixed(4);
  const bill = stage === LOCAL_STAGE ? '' : ` (USD ${usd})`;
  const left = [
    ...(personal ? [] : ['personal data (--personal)']),
    ...(internal ? [] : ["the protocol's attributes (--internal)"]),
  ];
  return [
    `Exported ${plural(rows, 'profile')} to ${out ?? 'standard output'}, for ${plural(Math.ceil(spent), 'read unit')}${bill}`,
    ...(skipped > 0 ? [`Left out ${plural(skipped, 'item')} that no profile are`] : []),
    ...(left.length > 0 ? [`Without ${left.join(' and ')}`] : []),
  ].join('\n');
}
