/** A line of a log as Logs Insights reads it. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** A line in JSON; none for other lines, and for metrics. */
export function logRecord(text: string): LogRecord[] {
  if (!text.startsWith('{')) return [];
  const record: LogRecord = JSON.parse(text);
  return '_aws' in record ? [] : [record];
}

/** The value of a field such as `record.metrics.durationMs`. */
export const valueAt = (record: LogRecord, field: string): unknown =>
  field.split('.').reduce<unknown>((value, name) => (value as LogRecord | undefined)?.[name], record);

/**
 * Whether a line passes the one filter of a query: comparisons by `=`, `like /.../` and `in [...]`, joined by `or`.
 *
 * @throws Error for any other query.
 */
export function matching(query: string): (record: LogRecord) => boolean {
  const [filter, ...others] = commandsOf(query).filter(({ name }) => name === 'filter');
  if (filter === undefined || others.length > 0) throw new Error(`${query}: has not exactly one filter`);
  const tests = filter.of.split(' or ').map(comparison);
  return (record) => tests.some((passes) => passes(record));
}

function comparison(text: string): (record: LogRecord) => boolean {
  const [, field = '', operator = '', operand = ''] = /^([\w.]+) (=|like|in) (.+)$/.exec(text.trim()) ?? [];
  if (operator === 'like') {
    const pattern = new RegExp(operand.slice(1, -1));
    return (record) => pattern.test(String(valueAt(record, field)));
  }
  if (operator === '') throw new Error(`${text}: is no comparison that is read here`);
  const values = [JSON.parse(operand)].flat();
  return (record) => values.includes(valueAt(record, field));
}

/** The fields that a query filters by, shows, counts or groups by, without those that Logs Insights adds and names that it makes itself. */
export function namedFields(query: string): readonly string[] {
  const words = commandsOf(query).flatMap(({ name, of }) => {
    if (name === 'limit') return [];
    const plain = of.replace(/"[^"]*"|\/[^/]*\//g, '').replace(/\bas \w+|\w+\(\*\)|\bbin\(\w+\)/g, '');
    return plain.match(/@?[A-Za-z_][\w.]*(?!\w*\()/g) ?? [];
  });
  return [...new Set(words)].filter((word) => !word.startsWith('@') && !WORDS.has(word));
}

const WORDS = new Set(['or', 'and', 'like', 'in', 'by', 'desc', 'asc', 'as']);

const commandsOf = (query: string): readonly { readonly name: string; readonly of: string }[] =>
  query.split('|').map((command) => {
    const [, name = '', of = ''] = /^\s*(\w+) ([\s\S]*?)\s*$/.exec(command) ?? [];
    return { name, of };
  });
