import type * as z from 'zod';

/** How many issues of one event a dead letter names. */
const MOST = 5;
/** Path steps longer than this are cut: they come from the input. */
const LONGEST_STEP = 64;

/** Where data breaks its schema and how, without the values, which may be personal. */
export const describeIssues = (error: z.ZodError): readonly string[] =>
  error.issues.slice(0, MOST).map((issue) => `${pathOf(issue.path)}: ${sentenceOf(issue)}`);

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '(event)' : path.map((step) => String(step).slice(0, LONGEST_STEP)).join('.');

/** Names of unknown members come from the input and may be long. */
const sentenceOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? `${issue.keys.length} unknown members` : issue.message;
