import { isObject, type Json, textOf } from './json.ts';
import { ANYTHING, type Bound, type Member, type ObjectShape, type Shape } from './shape.ts';

/** Makes a shape of a part of the document. */
export type Parse = (schema: Json) => Shape;
export type Keywords = Readonly<Record<string, Json>>;

const TYPES = ['null', 'boolean', 'string', 'number', 'array', 'object'] as const;

/** Keywords that bound one type of value, by the type. */
export const BOUNDING: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'additionalItems', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
};

/** What `type` and the keywords that bound a type say; undefined if none of them is there. */
export function typedPart(schema: Keywords, parse: Parse): Shape | undefined {
  const named = schema.type === undefined ? undefined : [schema.type].flat().map(String);
  const bounded = TYPES.some((type) => BOUNDING[type]?.some((keyword) => keyword in schema));
  if (named === undefined && !bounded) return undefined;
  const types = named ?? [...TYPES];
  const of = types.map((type) => ofType(type, schema, parse));
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: 'either', of, exactlyOne: false };
}

function ofType(type: string, schema: Keywords, parse: Parse): Shape {
  switch (type) {
    case 'null':
      return { kind: 'values', values: [null] };
    case 'boolean':
      return { kind: 'values', values: [false, true] };
    case 'string':
      return stringShape(schema);
    case 'number':
      return numberShape(schema, []);
    case 'integer':
      return numberShape(schema, [1]);
    case 'array':
      return arrayShape(schema, parse);
    case 'object':
      return objectShape(schema, parse);
    default:
      return { kind: 'opaque', keyword: 'type', text: type };
  }
}

const numberOr = (value: Json | undefined, fallback: number): number => (typeof value === 'number' ? value : fallback);
const textsOf = (...values: (Json | undefined)[]): string[] => values.filter((value) => typeof value === 'string');

const stringShape = (schema: Keywords): Shape => ({
  kind: 'string',
  minLength: numberOr(schema.minLength, 0),
  maxLength: numberOr(schema.maxLength, Number.POSITIVE_INFINITY),
  patterns: textsOf(schema.pattern),
  formats: textsOf(schema.format, schema.contentEncoding, schema.contentMediaType),
});

function numberShape(schema: Keywords, multiplesOf: readonly number[]): Shape {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const low = (at: Json | undefined, open: boolean): Bound => ({ at: numberOr(at, Number.NEGATIVE_INFINITY), open });
  const high = (at: Json | undefined, open: boolean): Bound => ({ at: numberOr(at, Number.POSITIVE_INFINITY), open });
  const all = typeof multipleOf === 'number' ? [...multiplesOf, multipleOf] : multiplesOf;
  const whole = all.some(Number.isInteger);
  return {
    kind: 'number',
    low: tighter(low(minimum, false), low(exclusiveMinimum, true), (a, b) => a > b, whole ? 1 : 0),
    high: tighter(high(maximum, false), high(exclusiveMaximum, true), (a, b) => a < b, whole ? -1 : 0),
    multiplesOf: all,
  };
}

/** The tighter of two bounds; of integers, as a bound that includes its number, so that `> 2` and `>= 3` are the same. */
function tighter(closed: Bound, open: Bound, beyond: (a: number, b: number) => boolean, step: -1 | 0 | 1): Bound {
  const bound = beyond(closed.at, open.at) || !Number.isFinite(open.at) ? closed : open;
  if (step === 0 || !Number.isFinite(bound.at)) return bound;
  const inside = step === 1 ? Math.ceil(bound.at) : Math.floor(bound.at);
  return { at: bound.open && inside === bound.at ? inside + step : inside, open: false };
}

function arrayShape(schema: Keywords, parse: Parse): Shape {
  const { items, additionalItems, prefixItems } = schema;
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
  const rest = Array.isArray(items) ? additionalItems : items;
  return {
    kind: 'array',
    minItems: numberOr(schema.minItems, 0),
    maxItems: numberOr(schema.maxItems, Number.POSITIVE_INFINITY),
    unique: schema.uniqueItems === true,
    first: (tuple ?? []).map(parse),
    rest: rest === undefined ? ANYTHING : parse(rest),
  };
}

function objectShape(schema: Keywords, parse: Parse): ObjectShape {
  const required = new Set([schema.required ?? []].flat().map(String));
  const declared = isObject(schema.properties) ? schema.properties : {};
  const { additionalProperties, propertyNames } = schema;
  const named = propertyNames === undefined ? ANYTHING : parse(propertyNames);
  const others = additionalProperties === undefined ? undeclared(schema) : parse(additionalProperties);
  const members = new Map<string, Member>();
  for (const [name, part] of Object.entries(declared)) {
    const byDefault = isObject(part) && part.default !== undefined ? textOf(part.default) : undefined;
    members.set(name, { shape: parse(part), required: required.has(name), byDefault });
  }
  // zod requires every key of a record over an enum, and declares none of them.
  for (const name of required) {
    if (members.has(name)) continue;
    members.set(name, { shape: others === 'ignored' ? ANYTHING : others, required: true, byDefault: undefined });
  }
  return {
    kind: 'object',
    members,
    others,
    names: named,
    minMembers: numberOr(schema.minProperties, 0),
    maxMembers: numberOr(schema.maxProperties, Number.POSITIVE_INFINITY),
  };
}

/** A record over patterns declares no member by name, and yet sends some. */
const undeclared = (schema: Keywords): 'ignored' | Shape => ('patternProperties' in schema ? ANYTHING : 'ignored');
