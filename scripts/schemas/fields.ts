import { isObject, type Json, type JsonSchema, textOf } from './json.ts';

/** A member of the data, as a row of a table. */
export interface Field {
  /** `lines[].quantity`, `cartValue.*`; alternatives of a union say which: `erasedAt (status "erased")`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** Bounds in words, in code marks where they are code. */
  readonly allowed: readonly string[];
  readonly pii: string | undefined;
  readonly description: string;
}

type Keywords = { readonly [keyword: string]: Json };

/** Every member of a schema, each before those inside it. */
export const fieldsOf = (schema: JsonSchema): readonly Field[] => membersOf(schema, '', '');

function membersOf(schema: Json | undefined, prefix: string, where: string): Field[] {
  if (!isObject(schema)) return [];
  const alternatives = [schema.oneOf ?? schema.anyOf ?? []].flat().filter(isObject);
  const required = new Set([schema.required ?? []].flat());
  const declared = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  return [
    ...declared.flatMap(([name, part]) => fieldAndBelow(part, `${prefix}${name}`, where, required.has(name))),
    ...restOf(schema, prefix, where),
    ...alternatives.flatMap((part, index) => membersOf(part, prefix, labelOf(part) || ` (alternative ${index + 1})`)),
  ];
}

/** Members of a record have names of their own. */
function restOf({ additionalProperties, propertyNames }: Keywords, prefix: string, where: string): Field[] {
  if (!isObject(additionalProperties)) return [];
  const [first, ...below] = fieldAndBelow(additionalProperties, `${prefix}*`, where, false);
  if (first === undefined) return [];
  const names = isObject(propertyNames) ? boundsOf(propertyNames).map((bound) => `name: ${bound}`) : [];
  return [{ ...first, allowed: [...first.allowed, ...names] }, ...below];
}

function fieldAndBelow(part: Json, path: string, where: string, required: boolean): Field[] {
  const { schema, nullable } = withoutNull(isObject(part) ? part : {});
  const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
  const own: Field = {
    path: `${path}${where}`,
    type: nullable ? `${typeOf(schema)} or null` : typeOf(schema),
    required,
    allowed: [
      ...boundsOf(schema),
      ...(isObject(schema.items) ? boundsOf(schema.items).map((bound) => `each: ${bound}`) : []),
    ],
    pii: text(schema.pii) ?? (isObject(schema.items) ? text(schema.items.pii) : undefined),
    description: text(schema.description) ?? '',
  };
  return [own, ...membersOf(schema, `${path}.`, where), ...membersOf(schema.items, `${path}[].`, where)];
}

/** A schema that is only wrapped so that it takes null as well. */
function withoutNull(schema: Keywords): { readonly schema: Keywords; readonly nullable: boolean } {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return { schema, nullable: false };
  const others = anyOf.filter((one) => !isObject(one) || one.type !== 'null');
  const [only] = others;
  if (others.length !== 1 || anyOf.length !== 2 || !isObject(only)) return { schema, nullable: false };
  return { schema: { ...rest, ...only }, nullable: true };
}

function typeOf(schema: Keywords): string {
  if (typeof schema.$ref === 'string') return 'the same again';
  if (isObject(schema.items)) return `list of ${typeOf(schema.items)}`;
  const alternatives = [schema.oneOf ?? schema.anyOf ?? []].flat().filter(isObject);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ');
  if (schema.type === undefined) return schema.const === undefined && schema.enum === undefined ? 'anything' : 'value';
  const format = typeof schema.format === 'string' ? ` (${schema.format})` : '';
  return `${[schema.type].flat().join(' or ')}${format}`;
}

/** A pattern behind a format says nothing to people. */
function boundsOf(schema: Keywords): string[] {
  const { minLength, maxLength, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems } = schema;
  const values = schema.const === undefined ? schema.enum : [schema.const];
  const bounds = [
    Array.isArray(values) ? values.map((value) => `\`${textOf(value)}\``).join(', ') : '',
    range(minLength, maxLength, 'characters'),
    range(minItems, maxItems, 'items'),
    range(minimum, maximum, ''),
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
    schema.multipleOf === undefined ? '' : `multiples of ${schema.multipleOf}`,
    schema.pattern === undefined || schema.format !== undefined ? '' : `\`${schema.pattern}\``,
    schema.default === undefined ? '' : `default \`${textOf(schema.default)}\``,
    ...[schema['x-refinements'] ?? []].flat().map(String),
  ];
  return bounds.filter((bound) => bound !== '');
}

/** Bounds of what a double holds exactly say nothing. */
const told = (bound: Json | undefined): boolean =>
  bound !== undefined && Math.abs(Number(bound)) !== Number.MAX_SAFE_INTEGER;

function range(least: Json | undefined, most: Json | undefined, of: string): string {
  if (told(least) && told(most)) return `${least} to ${most} ${of}`.trimEnd();
  if (told(least)) return `from ${least} ${of}`.trimEnd();
  return told(most) ? `up to ${most} ${of}`.trimEnd() : '';
}

/** What tells an alternative: a member with one value. */
function labelOf(schema: Keywords): string {
  const declared = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const [tag] = declared.filter(([, part]) => isObject(part) && part.const !== undefined);
  if (tag === undefined) return '';
  const [name, part] = tag;
  return ` (${name} ${textOf(isObject(part) ? (part.const ?? null) : null)})`;
}
