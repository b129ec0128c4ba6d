import { printable } from '../output.ts';
import type { LoggedLine } from './read.ts';

/** Fields that say the same in every line of a function, or stand in front already. */
const LEFT_OUT = new Set([
  'timestamp',
  'time',
  'level',
  'message',
  'service',
  'sampling_rate',
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'requestId',
  'xray_trace_id',
  'type',
]);

/** A line for people: time, level, message, then what is not nothing of its fields, and the request. */
export function describeLine({ timestampMs, text, fields }: LoggedLine): string {
  const time = new Date(timestampMs).toISOString();
  if (fields === undefined) return `${time}        ${printable(text)}`;
  const { level = levelOf(fields), message, type } = fields;
  const rest = Object.entries({ ...fields, ...recordIn(message), ...recordIn(fields.record) }).flatMap(
    ([name, value]) => (LEFT_OUT.has(name) || name === 'record' || isNothing(value) ? [] : [`${name}=${shown(value)}`]),
  );
  const request = requestOf(fields);
  const words = [typeof message === 'string' ? message : String(type ?? 'error'), ...rest];
  return printable(
    `${time}  ${String(level).padEnd(5)} ${words.join('  ')}${request === undefined ? '' : `  request=${request}`}`,
  );
}

/** A line as a script has it. */
export const lineJson = ({ timestampMs, logStream, text, fields }: LoggedLine): object => ({
  time: new Date(timestampMs).toISOString(),
  logStream,
  message: fields ?? text,
});

/** The request that a line belongs to, by the logger's name of it or Lambda's own. */
export function requestOf(fields: NonNullable<LoggedLine['fields']>): string | undefined {
  const id = fields.function_request_id ?? fields.requestId ?? recordIn(fields.record).requestId;
  return typeof id === 'string' ? id : undefined;
}

/** Lambda's own lines have no level: those about invocations are written because they failed, or at INFO. */
const levelOf = ({ record }: NonNullable<LoggedLine['fields']>): string =>
  recordIn(record).status === 'success' ? 'INFO' : 'ERROR';

const recordIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const isNothing = (value: unknown): boolean =>
  value === 0 || value === undefined || value === null || JSON.stringify(value) === '{}';

const shown = (value: unknown): string =>
  typeof value === 'string' && /^[^\s="]+$/.test(value) ? value : JSON.stringify(value);
