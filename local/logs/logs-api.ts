import { z } from 'zod';
import type { Dispatch } from '../emulators/front.ts';
import { type JsonService, jsonApi } from '../emulators/json-api.ts';
import { arn } from '../resources/services.ts';
import { ServiceError } from '../service-error.ts';
import { compileFilterPattern, type Matches } from './filter-pattern.ts';
import { FilterPatternError } from './filter-pattern-error.ts';
import type { LogGroup } from './log-groups.ts';

/** What the API reads: the log groups as they are now. */
export type LogsState = () => readonly LogGroup[];

/** CloudWatch Logs' limit on events of one answer (API Reference, FilterLogEvents). */
const MOST_EVENTS = 10_000;
const INVALID = 'InvalidParameterException';

const TOKEN = /^\d{1,15}$/;

const filterRequest = z.strictObject({
  logGroupName: z.string(),
  logStreamNames: z.array(z.string()).min(1).max(100).optional(),
  logStreamNamePrefix: z.string().optional(),
  /** Epoch milliseconds. */
  startTime: z.int().optional(),
  endTime: z.int().optional(),
  filterPattern: z.string().default(''),
  limit: z.int().min(1).max(MOST_EVENTS).default(MOST_EVENTS),
  nextToken: z.string().regex(TOKEN).optional(),
  /** Events of several streams come in one order in any case. */
  interleaved: z.boolean().optional(),
});

/** Every match in a time range, in the order of writing, a page at a time. Times are those of the machine. */
function filterLogEvents(groups: LogsState, input: unknown): object {
  const asked = filterRequest.parse(input);
  const { logGroupName, logStreamNames, logStreamNamePrefix = '', startTime = 0, endTime = Infinity } = asked;
  const group = groups().find(({ name }) => name === logGroupName);
  if (group === undefined) {
    throw new ServiceError('ResourceNotFoundException', `The specified log group does not exist: ${logGroupName}`);
  }
  const matches = compiled(asked.filterPattern);
  const after = Number(asked.nextToken ?? -1);
  const found = group.lines.filter(
    ({ id, timestampMs, logStream, text }) =>
      id > after &&
      timestampMs >= startTime &&
      timestampMs <= endTime &&
      logStream.startsWith(logStreamNamePrefix) &&
      (logStreamNames?.includes(logStream) ?? true) &&
      matches(text),
  );
  const page = found.slice(0, asked.limit);
  return {
    events: page.map(({ id, timestampMs, logStream, text }) => ({
      eventId: String(id).padStart(20, '0'),
      timestamp: timestampMs,
      ingestionTime: timestampMs,
      logStreamName: logStream,
      message: text,
    })),
    searchedLogStreams: [],
    ...(page.length < found.length ? { nextToken: String(page.at(-1)?.id) } : {}),
  };
}

function compiled(pattern: string): Matches {
  try {
    return compileFilterPattern(pattern);
  } catch (error) {
    if (error instanceof FilterPatternError) throw new ServiceError(INVALID, error.message, { cause: error });
    throw error;
  }
}

const describeRequest = z.strictObject({
  logGroupNamePrefix: z.string().optional(),
  logGroupNamePattern: z.string().optional(),
  limit: z.int().min(1).max(50).default(50),
  nextToken: z.string().optional(),
});

/** The log groups that have a function or an API, by prefix or by a part of the name. */
function describeLogGroups(groups: LogsState, input: unknown): object {
  const { logGroupNamePrefix = '', logGroupNamePattern = '', limit, nextToken = '' } = describeRequest.parse(input);
  const found = groups().filter(
    ({ name }) => name > nextToken && name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern),
  );
  const page = found.slice(0, limit);
  return {
    logGroups: page.map(({ name, lines }) => ({
      logGroupName: name,
      arn: `${arn('logs', `log-group:${name}`)}:*`,
      storedBytes: lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
    })),
    ...(page.length < found.length ? { nextToken: String(page.at(-1)?.name) } : {}),
  };
}

const SERVICE: JsonService<LogsState> = {
  name: 'CloudWatch Logs',
  version: '1.1',
  invalidInput: INVALID,
  operations: { DescribeLogGroups: describeLogGroups, FilterLogEvents: filterLogEvents },
};

/**
 * CloudWatch Logs' API in the AWS JSON 1.1 protocol: DescribeLogGroups and FilterLogEvents, on the last lines of each log of the local
 * cloud. Any other operation, and any member that is not carried out, is refused by name.
 */
export const logsApi = (groups: LogsState): Dispatch => jsonApi(SERVICE, groups);
