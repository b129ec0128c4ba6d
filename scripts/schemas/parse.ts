import { BOUNDING, type Keywords, type Parse, typedPart } from './bounded.ts';
import { ANNOTATIONS, isObject, type Json, type JsonSchema, textOf } from './json.ts';
import { ANYTHING, NOTHING, type NumberShape, type Shape, type StringShape } from './shape.ts';
import { accepts } from './values.ts';

const OTHERS = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'not', '$ref', 'definitions', '$defs', 'default'];
const KNOWN: ReadonlySet<string> = new Set([...Object.values(BOUNDING).flat(), ...OTHERS, 'x-refinements']);

/**
 * What a JSON Schema (draft-07, or the same keywords of 2020-12) accepts. Keywords that are not understood become opaque constraints, so
 * that nothing is ever proven by overlooking one.
 */
export function shapeOf(document: JsonSchema): Shape {
  const resolved = new Map<string, Shape>();
  const parse: Parse = (schema) => {
    if (schema === true) return ANYTHING;
    if (schema === false) return NOTHING;
    if (!isObject(schema)) return { kind: 'opaque', keyword: 'schema', text: textOf(schema) };
    const { $ref } = schema;
    return typeof $ref === 'string' ? reference($ref) : conjunction(partsOf(schema, parse));
  };
  const reference = (to: string): Shape => ({
    kind: 'reference',
    to,
    target: () => {
      const known = resolved.get(to);
      if (known !== undefined) return known;
      const found = lookUp(document, to);
      const shape: Shape = found === undefined ? { kind: 'opaque', keyword: '$ref', text: to } : parse(found);
      resolved.set(to, shape);
      return shape;
    },
  });
  return parse(document);
}

function lookUp(document: JsonSchema, to: string): Json | undefined {
  if (to === '#') return document;
  if (!to.startsWith('#/')) return undefined;
  let part: Json | undefined = document;
  for (const step of to.slice(2).split('/')) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    part = isObject(part) ? part[name] : Array.isArray(part) ? part[Number(name)] : undefined;
  }
  return part;
}

/** All constraints that stand side by side in one schema. */
function partsOf(schema: Keywords, parse: Parse): Shape[] {
  const parts: Shape[] = [];
  const typed = typedPart(schema, parse);
  const values = valuesOf(schema);
  if (values !== undefined) {
    const possible = values.filter((value) => typed === undefined || accepts(typed, value) !== false);
    parts.push({ kind: 'values', values: possible });
  }
  const decided = values?.every((value) => typed === undefined || accepts(typed, value) !== undefined) ?? false;
  if (typed !== undefined && !decided) parts.push(typed);
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const alternatives = schema[keyword];
    if (Array.isArray(alternatives)) {
      parts.push({ kind: 'either', of: alternatives.map(parse), exactlyOne: keyword === 'oneOf' });
    }
  }
  if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.map(parse));
  return [...parts, ...opaqueParts(schema)];
}

function valuesOf(schema: Keywords): readonly Json[] | undefined {
  if (schema.const !== undefined) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function opaqueParts(schema: Keywords): Shape[] {
  const parts: Shape[] = [];
  if (schema.not !== undefined) {
    const nothing = schema.not === true || (isObject(schema.not) && Object.keys(schema.not).length === 0);
    parts.push(nothing ? NOTHING : { kind: 'opaque', keyword: 'not', text: textOf(schema.not) });
  }
  const refinements = schema['x-refinements'];
  for (const text of Array.isArray(refinements) ? refinements : []) {
    parts.push({ kind: 'opaque', keyword: 'x-refinements', text: String(text) });
  }
  for (const [keyword, value] of Object.entries(schema)) {
    if (!KNOWN.has(keyword) && !ANNOTATIONS.has(keyword)) parts.push({ kind: 'opaque', keyword, text: textOf(value) });
  }
  return parts;
}

/** Texts and numbers become one shape with the bounds of all of them. */
function conjunction(parts: readonly Shape[]): Shape {
  const texts = parts.filter((part) => part.kind === 'string');
  const numbers = parts.filter((part) => part.kind === 'number');
  const merged: Shape[] = parts.filter((part) => part.kind !== 'string' && part.kind !== 'number');
  if (texts.length > 0) merged.unshift(texts.reduce(bothTexts));
  if (numbers.length > 0) merged.unshift(numbers.reduce(bothNumbers));
  const [only] = merged;
  if (only === undefined) return ANYTHING;
  return merged.length === 1 ? only : { kind: 'both', of: merged };
}

const bothTexts = (a: StringShape, b: StringShape): StringShape => ({
  kind: 'string',
  minLength: Math.max(a.minLength, b.minLength),
  maxLength: Math.min(a.maxLength, b.maxLength),
  patterns: [...new Set([...a.patterns, ...b.patterns])],
  formats: [...new Set([...a.formats, ...b.formats])],
});

const bothNumbers = (a: NumberShape, b: NumberShape): NumberShape => ({
  kind: 'number',
  low: a.low.at > b.low.at || (a.low.at === b.low.at && a.low.open) ? a.low : b.low,
  high: a.high.at < b.high.at || (a.high.at === b.high.at && a.high.open) ? a.high : b.high,
  multiplesOf: [...new Set([...a.multiplesOf, ...b.multiplesOf])],
});
