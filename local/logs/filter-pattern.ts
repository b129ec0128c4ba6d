import { FilterPatternError } from './filter-pattern-error.ts';
import { parseJsonPattern } from './json-pattern.ts';

/** Whether an event of a log matches. */
export type Matches = (message: string) => boolean;

/**
 * A filter pattern of CloudWatch Logs (CloudWatch Logs User Guide, "Filter pattern syntax"): JSON patterns in braces, or terms, all of
 * which an event must contain: `term`, `"a phrase"`, `-without`; or `?any ?of ?these`. An empty one matches everything.
 *
 * @throws FilterPatternError for what is no pattern, and for the kinds that the local cloud does not carry out: regular expressions in
 *   percent signs, and patterns of space-delimited fields in square brackets.
 */
export function compileFilterPattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('[')) {
    throw new FilterPatternError(pattern, 0, 'the local cloud carries out no patterns of space-delimited fields');
  }
  return text.startsWith('{') ? jsonMatcher(text) : termMatcher(text);
}

function jsonMatcher(pattern: string): Matches {
  const holds = parseJsonPattern(pattern);
  return (message) => {
    const value = objectIn(message);
    return value !== undefined && holds(value);
  };
}

/** A line that is no JSON matches no JSON pattern. */
function objectIn(message: string): object | undefined {
  if (!message.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(message) as object;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"?%-][^\s"]*))/y;

function termMatcher(pattern: string): Matches {
  const all: string[] = [];
  const none: string[] = [];
  const any: string[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < pattern.length) {
    const at = TERM.lastIndex;
    const found = TERM.exec(pattern);
    if (found === null) throw new FilterPatternError(pattern, at, 'a term or a quoted phrase was expected');
    const [, sign = '', phrase, word] = found;
    const term = phrase === undefined ? String(word) : phrase.replaceAll(/\\(.)/g, '$1');
    (sign === '' ? all : sign === '-' ? none : any).push(term);
  }
  if (any.length > 0 && all.length + none.length > 0) {
    throw new FilterPatternError(pattern, 0, 'the local cloud mixes no terms with ? and others');
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    none.every((term) => !message.includes(term)) &&
    (any.length === 0 || any.some((term) => message.includes(term)));
}
