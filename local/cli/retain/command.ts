import {
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { CliError, EXIT } from '../errors.ts';
import { counted } from '../format.ts';
import type { Output } from '../output.ts';
import { stageOutputs } from '../stage-output.ts';
import { stageClients } from '../status/clients.ts';
import { placeOf } from '../status/place.ts';
import { whyNot } from '../status/section.ts';
import { stageOption } from '../status/show.ts';

export interface RetainOptions {
  readonly stage: string;
  readonly days: number;
  readonly json: boolean;
}

/** What `--json` prints. */
export interface RetainResult {
  readonly stage: string;
  readonly stream: string;
  /** Hours for which records were kept before, and are now. */
  readonly beforeHours: number;
  readonly retentionHours: number;
  /** false: they were kept for so long already, or for longer. */
  readonly changed: boolean;
}

/**
 * Raises a stream's retention to so many days. One that is as long or longer stays as it is.
 *
 * @throws CliError if there is no such stream, or Kinesis refuses.
 */
export async function retain(
  stream: string,
  { stage, days, json }: RetainOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const outputs = await stageOutputs(stage);
  const { streams } = placeOf(outputs);
  const place = streams.find((candidate) => candidate.stream === stream);
  if (place === undefined) {
    const known = streams.map((candidate) => candidate.stream).join(', ');
    throw new CliError(`Stage ${stage} has no stream ${stream}; it has: ${known}`);
  }
  using clients = stageClients(outputs.local);
  const result = { stage, stream, ...(await raised(clients.kinesis, place.name, 24 * days, signal)) };
  output.result(json ? JSON.stringify(result) : describe(result, days));
  return EXIT.ok;
}

async function raised(
  kinesis: KinesisClient,
  StreamName: string,
  hours: number,
  abortSignal: AbortSignal,
): Promise<Pick<RetainResult, 'beforeHours' | 'retentionHours' | 'changed'>> {
  const send = { abortSignal };
  try {
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }), send);
    const beforeHours = Number(StreamDescriptionSummary?.RetentionPeriodHours);
    if (beforeHours >= hours) return { beforeHours, retentionHours: beforeHours, changed: false };
    await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: hours }), send);
    return { beforeHours, retentionHours: hours, changed: true };
  } catch (error) {
    if (abortSignal.aborted) throw abortSignal.reason;
    throw new CliError(`The retention of ${StreamName} could not be raised: ${whyNot(error)}`, { cause: error });
  }
}

/** The next deployment sets the retention of its settings again, which would lose what is older. */
function describe({ stage, stream, beforeHours, retentionHours, changed }: RetainResult, days: number): string {
  const at = stageOption(stage);
  const kept = `${counted(retentionHours)} hours`;
  return [
    changed
      ? `Stream ${stream} of stage ${stage} keeps records for ${kept} from now on, not ${counted(beforeHours)}: also those that it holds already`
      : `Stream ${stream} of stage ${stage} keeps records for ${kept} already: nothing was changed`,
    ...(changed ? [`Set retentionDays to ${days} before the next deployment, or it shortens the retention again`] : []),
    `See how long unread events are kept with: npx millrace status${at}`,
  ].join('\n');
}
