import * as z from 'zod';
import type { ViewRoute } from '../core/view.ts';
import { CURSOR_LENGTH } from './cursor.ts';
import { type ParameterError, Problem } from './problem.ts';

/** Entries of a page at most. */
export const MOST_ENTRIES = 100;
const DEFAULT_ENTRIES = 20;

const range = `must be a whole number from 1 to ${MOST_ENTRIES}`;

/** Query parameters that the API itself knows; those of systems are text. */
const consistent = z
  .boolean('must be true or false')
  .default(false)
  .meta({ description: 'Whether the read must see every commit that was answered before it. It costs twice as much' });
const limit = z
  .int(range)
  .min(1, range)
  .max(MOST_ENTRIES, range)
  .default(DEFAULT_ENTRIES)
  .meta({ description: 'Entries of the page at most' });
const cursor = z
  .string()
  .min(1)
  .max(CURSOR_LENGTH, 'is no cursor of this list')
  .optional()
  .meta({ description: '`nextCursor` of the page before. It belongs to its query' });

/** The query parameters of a route. */
export const queryOf = (route: ViewRoute): z.ZodObject =>
  route.kind === 'row' ? z.strictObject({ consistent }) : z.strictObject({ ...route.query.shape, limit, cursor });

/** What text stands for, by parameter; text that stands for nothing stays, for the schema to refuse. */
const FROM_TEXT: Readonly<Record<string, (text: string) => unknown>> = {
  consistent: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  limit: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : text),
};

/** Reads a query. @throws Problem that names each parameter which is wrong, unknown or given twice. */
export function parseQuery(schema: z.ZodObject, queryString: string): Readonly<Record<string, unknown>> {
  const given = new URLSearchParams(queryString);
  const names = [...new Set(given.keys())];
  const repeated = names.filter((name) => given.getAll(name).length > 1);
  const values = names.map((name) => [name, (FROM_TEXT[name] ?? ((text) => text))(given.get(name) ?? '')]);
  const parsed = schema.safeParse(Object.fromEntries(values));
  const issues = parsed.success ? [] : parsed.error.issues;
  const errors = [
    ...repeated.map((name) => ({ parameter: shown(name, schema), detail: 'must be given once' })),
    ...issues.filter(({ path }) => !repeated.includes(String(path[0]))).flatMap((issue) => errorsOf(issue, schema)),
  ];
  if (errors.length > 0 || !parsed.success) throw badParameters(errors);
  return parsed.data;
}

/** Reads the one parameter of a row route's path. @throws Problem */
export function parseKey(name: string, schema: z.ZodType<string>, text: string | undefined): string {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw badParameters(parsed.error.issues.map(({ message }) => ({ parameter: name, detail: message })));
}

export const badParameters = (errors: readonly ParameterError[]): Problem =>
  new Problem('invalid-request', 'Correct the parameters that errors names', errors);

function errorsOf(issue: z.core.$ZodIssue, schema: z.ZodObject): readonly ParameterError[] {
  if (issue.code !== 'unrecognized_keys') return [{ parameter: String(issue.path[0]), detail: issue.message }];
  const known = Object.keys(schema.shape).join(', ');
  return [{ parameter: UNKNOWN, detail: `${issue.keys.length} unknown; known are: ${known}` }];
}

const UNKNOWN = '(unknown)';

/** Names that the request chose are not shown. */
const shown = (name: string, schema: z.ZodObject): string => (Object.hasOwn(schema.shape, name) ? name : UNKNOWN);
