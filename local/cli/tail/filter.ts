import type { TailItem } from './items.ts';

/** Which items are shown: those that every kind of filter lets through, by at least one of its kind; all members of `where` must hold. */
export interface FilterOptions {
  /** Event types, in which `*` stands for any characters. */
  readonly type: readonly string[];
  /** Subjects. */
  readonly key: readonly string[];
  /** `path`, or `path operator value`. */
  readonly where: readonly string[];
}

export type Filter = (item: TailItem) => boolean;

/** What cannot be read as a condition. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

/** @throws ConditionError */
export function filterOf({ type, key, where }: FilterOptions): Filter {
  const patterns = type.map(globOf);
  const conditions = where.map(conditionOf);
  return (item) => {
    const typeName = typeOf(item);
    const subject = item.kind === 'event' ? item.event.subject : item.partitionKey;
    return (
      (patterns.length === 0 || patterns.some((pattern) => pattern.test(typeName))) &&
      (key.length === 0 || key.includes(subject)) &&
      (conditions.length === 0 || (item.kind === 'event' && conditions.every((holds) => holds(item.event))))
    );
  };
}

function typeOf(item: TailItem): string {
  if (item.kind === 'event') return item.event.type;
  return item.kind === 'rejected' ? String(item.cause.details?.type ?? '') : '';
}

/** A type is plain text but for its asterisks. */
const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );

type Condition = (event: object) => boolean;

const CONDITION = /^\s*([\w-]+(?:\.[\w-]+)*)\s*(?:(>=|<=|!=|=|>|<)\s*(.*?))?\s*$/s;

/** @throws ConditionError */
export function conditionOf(text: string): Condition {
  const [, path, operator, operand = ''] = CONDITION.exec(text) ?? [];
  if (path === undefined) {
    throw new ConditionError('It must be a path, or a path, one of = != > >= < <= and a value: data.quantity>1');
  }
  const steps = path.split('.');
  if (operator === undefined) return (event) => valuesAt(event, steps).length > 0;
  // What is not there is not equal to anything.
  if (operator === '!=') return (event) => !valuesAt(event, steps).some((value) => holds(value, '=', operand));
  return (event) => valuesAt(event, steps).some((value) => holds(value, operator, operand));
}

/** The values at a path. Lists are looked through, unless the path gives an index. */
function valuesAt(value: unknown, steps: readonly string[]): readonly unknown[] {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  if (Object.hasOwn(value, step)) return valuesAt((value as Readonly<Record<string, unknown>>)[step], rest);
  return Array.isArray(value) ? value.flatMap((element) => valuesAt(element, steps)) : [];
}

/** Numbers are compared as numbers, everything else as text: times in UTC compare well. */
function holds(value: unknown, operator: string, operand: string): boolean {
  if (typeof value === 'object' && value !== null) return false;
  if (operator === '=')
    return String(value) === unquoted(operand) || (typeof value === 'number' && value === numberOf(operand));
  const [left, right] = typeof value === 'number' ? [value, numberOf(operand)] : [String(value), unquoted(operand)];
  switch (operator) {
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '<':
      return left < right;
    default:
      return left <= right;
  }
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** Quotes keep blanks at the ends. */
const unquoted = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
