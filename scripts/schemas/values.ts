import { isObject, type Json, textOf } from './json.ts';
import type { ArrayShape, NumberShape, ObjectShape, Shape, StringShape } from './shape.ts';

/** Yes, no, or unknown, where a constraint is opaque. */
export type Verdict = boolean | undefined;

/** Whether a shape accepts a value. */
export function accepts(shape: Shape, value: Json): Verdict {
  switch (shape.kind) {
    case 'anything':
      return true;
    case 'nothing':
      return false;
    case 'values':
      return shape.values.some((one) => textOf(one) === textOf(value));
    case 'string':
      return typeof value === 'string' && acceptsText(shape, value);
    case 'number':
      return typeof value === 'number' && acceptsNumber(shape, value);
    case 'array':
      return Array.isArray(value) && acceptsItems(shape, value);
    case 'object':
      return isObject(value) && acceptsMembers(shape, value);
    case 'either':
      return shape.exactlyOne
        ? one(shape.of.map((part) => accepts(part, value)))
        : not(all(shape.of.map((part) => not(accepts(part, value)))));
    case 'both':
      return all(shape.of.map((part) => accepts(part, value)));
    case 'reference':
      return accepts(shape.target(), value);
    case 'opaque':
      return undefined;
  }
}

const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

function one(verdicts: readonly Verdict[]): Verdict {
  const yes = verdicts.filter((verdict) => verdict === true).length;
  if (yes > 1) return false;
  return verdicts.includes(undefined) ? undefined : yes === 1;
}

function acceptsText({ minLength, maxLength, patterns, formats }: StringShape, value: string): Verdict {
  // JSON Schema counts code points, zod counts UTF-16 units: what they judge differently is unknown.
  const [units, points] = [value.length, [...value].length];
  const lengths = [units, points].map((length) => length >= minLength && length <= maxLength);
  const fits = lengths[0] === lengths[1] ? lengths[0] : undefined;
  // Beside a pattern, a format is only a name here.
  const format = formats.length > 0 ? undefined : true;
  return all([fits, ...patterns.map((pattern) => matches(pattern, value)), format]);
}

/** Whether a pattern matches anywhere; unknown if it depends on how it treats characters beyond 16 bits. */
export function matches(pattern: string, value: string): Verdict {
  const plain = new RegExp(pattern).test(value);
  try {
    return new RegExp(pattern, 'u').test(value) === plain ? plain : undefined;
  } catch {
    // Valid for zod alone, which does not ask for Unicode patterns.
    return undefined;
  }
}

function acceptsNumber({ low, high, multiplesOf }: NumberShape, value: number): boolean {
  const above = low.open ? value > low.at : value >= low.at;
  const below = high.open ? value < high.at : value <= high.at;
  return above && below && multiplesOf.every((step) => isMultiple(value, step));
}

/** Exact for decimals: 0.3 is a multiple of 0.1. */
export function isMultiple(value: number, step: number): boolean {
  if (!Number.isFinite(value) || !Number.isFinite(step) || step <= 0) return false;
  const decimals = Math.max(decimalsOf(value), decimalsOf(step));
  return scaled(value, decimals) % scaled(step, decimals) === 0n;
}

/** Digits after the point of the shortest decimal that is the number. */
function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent));
}

function scaled(value: number, decimals: number): bigint {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return BigInt(`${whole}${fraction}${'0'.repeat(decimals + Number(exponent) - fraction.length)}`);
}

function acceptsItems({ minItems, maxItems, unique, first, rest }: ArrayShape, items: readonly Json[]): Verdict {
  if (items.length < minItems || items.length > maxItems) return false;
  if (unique && new Set(items.map(textOf)).size < items.length) return false;
  return all(items.map((item, index) => accepts(first[index] ?? rest, item)));
}

function acceptsMembers(shape: ObjectShape, value: { readonly [member: string]: Json }): Verdict {
  const names = Object.keys(value);
  if (names.length < shape.minMembers || names.length > shape.maxMembers) return false;
  if ([...shape.members].some(([name, { required }]) => required && !Object.hasOwn(value, name))) return false;
  return all(
    names.flatMap((name) => {
      const part = shape.members.get(name)?.shape ?? shape.others;
      const member = value[name] as Json;
      return [accepts(shape.names, name), part === 'ignored' ? true : accepts(part, member)];
    }),
  );
}
