import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  InvalidParameterException,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { CliError } from '../errors.ts';

/** A line of a log. */
export interface LoggedLine {
  readonly id: string;
  readonly timestampMs: number;
  readonly logStream: string;
  readonly text: string;
  /** The line's fields, where it is a JSON object. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface LogQuery {
  readonly logGroup: string;
  /** Epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs?: number;
  /** Filter pattern of CloudWatch Logs; absent: every line. */
  readonly pattern?: string;
}

/**
 * The lines of a log group in the order of time, a page of the service after another; those that carry metrics alone are left out.
 *
 * @throws CliError if there is no such group, or the pattern is none.
 */
export async function* linesOf(
  client: CloudWatchLogsClient,
  { logGroup: logGroupName, fromMs: startTime, toMs, pattern }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LoggedLine[]> {
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName,
      startTime,
      ...(toMs === undefined ? {} : { endTime: toMs }),
      ...(pattern === undefined ? {} : { filterPattern: pattern }),
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    const page = await client.send(command, { abortSignal: signal }).catch((error: unknown): never => {
      throw inWords(error, logGroupName);
    });
    nextToken = page.nextToken;
    yield (page.events ?? []).map(lineOf).filter(({ fields }) => !isMetricsAlone(fields));
  } while (nextToken !== undefined);
}

function inWords(error: unknown, logGroup: string): unknown {
  if (error instanceof ResourceNotFoundException) {
    return new CliError(`There is no log group ${logGroup}: was it deleted? A deployment of the stage makes it again`, {
      cause: error,
    });
  }
  if (error instanceof InvalidParameterException) return new CliError(error.message, { cause: error });
  return error;
}

function lineOf({ eventId = '', timestamp = 0, logStreamName = '', message = '' }: FilteredLogEvent): LoggedLine {
  const text = message.trimEnd();
  const fields = objectIn(text);
  const line = { id: eventId, timestampMs: timestamp, logStream: logStreamName, text };
  return fields === undefined ? line : { ...line, fields };
}

/** What a runtime prints beside the logger is text. */
function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The embedded metric format marks its documents by `_aws` (CloudWatch User Guide, "Embedded metric format specification"). */
const isMetricsAlone = (fields: LoggedLine['fields']): boolean => fields !== undefined && '_aws' in fields;
