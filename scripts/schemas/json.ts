/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** A JSON Schema document or a part of one. */
export type JsonSchema = boolean | { readonly [keyword: string]: Json };

export const isObject = (value: unknown): value is { readonly [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One text for equal values: members in the order of their names. */
export function textOf(value: Json): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

/** Keywords that say something to people and decide nothing. `pii` has a rule of its own. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'pii',
]);

/** Keywords whose members are named by the author of the schema. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'definitions', '$defs']);
/** Keywords whose value is data and no schema. */
const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum']);
/** Keywords whose lists have no order. */
const SETS: ReadonlySet<string> = new Set(['required', 'enum', 'type', 'x-refinements']);

/**
 * The schema without annotations, its unordered lists sorted. Two versions with the same bare schema judge alike; descriptions may change
 * without it.
 */
export function bare(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(bare);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword));
  return Object.fromEntries(members.map(([keyword, value]) => [keyword, bareMember(keyword, value)]));
}

function bareMember(keyword: string, value: Json): Json {
  if (SETS.has(keyword) && Array.isArray(value)) return [...value].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  if (DATA.has(keyword)) return value;
  if (NAMED_SCHEMAS.has(keyword) && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, bare(part)]));
  }
  return bare(value);
}
