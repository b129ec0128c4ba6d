import * as z from 'zod';
import { RULES, type Rule } from '../../../scripts/schemas/finding.ts';
import { jsonSchemaOf } from '../../../scripts/schemas/from-zod.ts';
import type { JsonSchema } from '../../../scripts/schemas/json.ts';
import { shapeOf } from '../../../scripts/schemas/parse.ts';
import { findingsOf } from '../../../scripts/schemas/within.ts';

const schemaOf = (schema: z.ZodType | JsonSchema): JsonSchema =>
  schema instanceof z.ZodType ? jsonSchemaOf(schema, 'test.rule', 1, 'a rule') : schema;

/** Places and rules of what a reader refuses of what a writer may send; what is only not proven ends with a question mark. */
const refused = (writer: z.ZodType | JsonSchema, reader: z.ZodType | JsonSchema): readonly string[] =>
  findingsOf(shapeOf(schemaOf(writer)), shapeOf(schemaOf(reader))).map(
    ({ path, rule, proven }) => `${path} ${rule}${proven ? '' : '?'}`,
  );

const text = z.string();
const member = (schema: z.ZodType) => z.object({ a: schema });

/** Of each pair, the writer's data are read by the reader in the way that is listed, and the reader's by the writer. */
interface Row {
  readonly rule: Rule;
  readonly what: string;
  readonly old: z.ZodType | JsonSchema;
  readonly new: z.ZodType | JsonSchema;
  /** What readers with the new schema refuse of old data: BACKWARD. */
  readonly backward: readonly string[];
  /** What readers with the old schema refuse of new data: FORWARD. */
  readonly forward: readonly string[];
}

const row = (
  rule: Rule,
  what: string,
  [before, after]: readonly [z.ZodType | JsonSchema, z.ZodType | JsonSchema],
  backward: readonly string[] = [],
  forward: readonly string[] = [],
): Row => ({ rule, what, old: before, new: after, backward, forward });

const unique = (uniqueItems: boolean): JsonSchema => ({ type: 'array', items: { type: 'string' }, uniqueItems });
const counted = (bounds: { readonly [keyword: string]: number }): JsonSchema => ({
  type: 'object',
  additionalProperties: { type: 'string' },
  ...bounds,
});
const kinds = (...tags: string[]) =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('plain'), a: text }),
    ...tags.map((tag) => z.object({ kind: z.literal(tag) })),
  ]);
const tree = (leaf: z.ZodType) => {
  const node = z.object({
    leaf,
    get below() {
      return z.array(node).optional();
    },
  });
  return node;
};

const rows: readonly Row[] = [
  row('type', 'another type', [member(text), member(z.int())], ['$.a type'], ['$.a type']),
  row('type', 'a wider type', [member(z.int()), member(z.union([z.int(), text]))], [], ['$.a type']),
  row('type', 'any value', [member(text), member(z.unknown())], [], ['$.a type']),
  row('type', 'an object instead of a list', [member(z.array(text)), member(z.object({}))], ['$.a type'], ['$.a type']),
  row(
    'type',
    'a record instead of an object',
    [member(z.object({ b: text })), member(z.record(text, text))],
    [],
    ['$.a.b required'],
  ),
  row('nullable', 'null added', [member(text), member(text.nullable())], [], ['$.a nullable']),
  row('nullable', 'null inside a list', [z.array(text), z.array(text.nullable())], [], ['$[*] nullable']),
  row('enum', 'a value added', [member(z.enum(['x'])), member(z.enum(['x', 'y']))], [], ['$.a enum']),
  row(
    'enum',
    'a value exchanged',
    [member(z.enum(['x', 'y'])), member(z.enum(['x', 'z']))],
    ['$.a enum'],
    ['$.a enum'],
  ),
  row('enum', 'free text', [member(z.enum(['x'])), member(text)], [], ['$.a enum']),
  row(
    'enum',
    'a value too long for the bound',
    [member(z.enum(['long'])), member(text.max(3))],
    ['$.a enum'],
    ['$.a enum'],
  ),
  row('enum', 'a constant', [member(z.literal('x')), member(z.literal(['x', 1]))], [], ['$.a enum']),
  row('enum', 'one of true and false', [member(z.literal(true)), member(z.boolean())], [], ['$.a enum']),
  row('required', 'an optional member added', [z.object({}), z.object({ a: text.optional() })]),
  row('required', 'an optional member removed', [z.object({ a: text.optional() }), z.object({})]),
  row('required', 'a member with a default added', [z.object({}), z.object({ a: text.default('x') })]),
  row('required', 'a required member added', [z.object({}), z.object({ a: text })], ['$.a required']),
  row('required', 'a required member removed', [z.object({ a: text }), z.object({})], [], ['$.a required']),
  row(
    'required',
    'a member made optional',
    [z.object({ a: text }), z.object({ a: text.optional() })],
    [],
    ['$.a required'],
  ),
  row(
    'required',
    'a default taken away',
    [z.object({ a: text.default('x') }), z.object({ a: text })],
    ['$.a required'],
  ),
  row('required', 'below a list', [z.array(z.object({})), z.array(z.object({ a: text }))], ['$[*].a required']),
  row(
    'required',
    'a key of a record over an enum',
    [z.record(z.enum(['x']), text), z.record(z.enum(['x', 'y']), text)],
    ['$.y required'],
    ['$.y member-names'],
  ),
  row(
    'additional-members',
    'a member added to an object that refuses others',
    [z.strictObject({}), z.strictObject({ a: text.optional() })],
    [],
    ['$.a additional-members'],
  ),
  row(
    'additional-members',
    'a member added to an object that keeps others',
    [z.looseObject({}), z.looseObject({ a: text.optional() })],
    ['$.a additional-members'],
  ),
  row(
    'additional-members',
    'other members refused',
    [z.object({ a: text.optional() }), z.strictObject({})],
    ['$.a additional-members'],
  ),
  row('additional-members', 'other members kept', [z.object({}), z.looseObject({})]),
  row(
    'additional-members',
    'other members refused that were kept',
    [z.looseObject({}), z.strictObject({})],
    ['$.* additional-members'],
  ),
  row(
    'additional-members',
    'values of a record',
    [z.record(text, z.int()), z.record(text, z.number())],
    [],
    ['$.* minimum', '$.* maximum', '$.* multiple-of'],
  ),
  row(
    'member-names',
    'names of a record bound by a pattern',
    [z.record(text, text), z.record(text.regex(/^[A-Z]{3}$/), text)],
    ['$.* member-names'],
  ),
  row(
    'member-names',
    'names of a record listed',
    [z.partialRecord(z.enum(['x']), text), z.partialRecord(z.enum(['x', 'y']), text)],
    [],
    ['$.* member-names'],
  ),
  row(
    'member-count',
    'more members',
    [counted({ maxProperties: 2 }), counted({ maxProperties: 3 })],
    [],
    ['$ member-count'],
  ),
  row(
    'member-count',
    'fewer members',
    [counted({ minProperties: 2 }), counted({ minProperties: 1 })],
    [],
    ['$ member-count'],
  ),
  row('min-length', 'shorter texts', [text.min(2), text.min(1)], [], ['$ min-length']),
  row('max-length', 'longer texts', [text.max(2), text.max(3)], [], ['$ max-length']),
  row('max-length', 'texts of any length', [text.max(2), text], [], ['$ max-length']),
  row('pattern', 'a pattern added', [text, text.regex(/^a/)], ['$ pattern']),
  row('pattern', 'another pattern', [text.regex(/^a/), text.regex(/^[ab]/)], ['$ pattern?'], ['$ pattern?']),
  row('pattern', 'a pattern more', [text.regex(/^a/), text.regex(/^a/).regex(/z$/)], ['$ pattern?']),
  row('format', 'a format', [text, z.url()], ['$ format']),
  row('format', 'another format', [z.ipv4(), z.ipv6()], ['$ pattern?', '$ format?'], ['$ pattern?', '$ format?']),
  row('minimum', 'smaller numbers', [z.number().min(2), z.number().min(1)], [], ['$ minimum']),
  row('minimum', 'the bound itself', [z.number().gt(2), z.number().min(2)], [], ['$ minimum']),
  row('minimum', 'the same bound of integers in other words', [z.int().gt(2), z.int().min(3)]),
  row('maximum', 'greater numbers', [z.number().max(2), z.number().max(3)], [], ['$ maximum']),
  row('maximum', 'the bound itself', [z.number().lt(2), z.number().max(2)], [], ['$ maximum']),
  row('maximum', 'the same bound of integers in other words', [z.int().lt(3), z.int().max(2)]),
  row('multiple-of', 'numbers between', [z.int(), z.int().multipleOf(2)], ['$ multiple-of']),
  row('multiple-of', 'a divisor', [z.number().multipleOf(0.3), z.number().multipleOf(0.1)], [], ['$ multiple-of']),
  row(
    'multiple-of',
    'decimals instead of integers',
    [member(z.int().min(0).max(9)), member(z.number().min(0).max(9))],
    [],
    ['$.a multiple-of'],
  ),
  row('min-items', 'shorter lists', [z.array(text).min(1), z.array(text)], [], ['$ min-items']),
  row('max-items', 'longer lists', [z.array(text).max(1), z.array(text).max(2)], [], ['$ max-items']),
  row('max-items', 'a longer tuple', [z.tuple([text]), z.tuple([text, text.optional()])], [], ['$ max-items']),
  row('unique-items', 'repeated items', [unique(true), unique(false)], [], ['$ unique-items']),
  row('union', 'an alternative added', [kinds('x'), kinds('x', 'y')], [], ['$ (kind "y") union']),
  row(
    'union',
    'a member of an alternative',
    [
      kinds('x'),
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('plain'), a: z.int() }),
        z.object({ kind: z.literal('x') }),
      ]),
    ],
    ['$.a (kind "plain") type'],
    ['$.a (kind "plain") type'],
  ),
  row(
    'union',
    'an object becomes an alternative',
    [z.object({ kind: z.literal('plain'), a: text }), kinds('x')],
    [],
    ['$.kind (kind "x") enum', '$.a (kind "x") required'],
  ),
  row('union', 'alternatives of which only their order changed', [z.union([text, z.int()]), z.union([z.int(), text])]),
  row(
    'union',
    'exactly one of alternatives that overlap',
    [member(z.xor([z.int(), text])), member(z.xor([z.int(), z.number()]))],
    ['$.a union?', '$.a union'],
    ['$.a minimum', '$.a maximum', '$.a multiple-of'],
  ),
  row(
    'union',
    'alternatives that nothing tells apart',
    [z.object({ a: text.optional(), b: text.optional() }), z.union([z.object({ a: text }), z.object({ b: text })])],
    ['$ union?'],
  ),
  row(
    'refinement',
    'a rule in code added',
    [member(text), member(text.refine((t) => t !== 'no', 'must not be no'))],
    ['$.a refinement?'],
  ),
  row('refinement', 'the same rule in code', [
    member(text.refine(Boolean, 'must be nice')),
    member(text.refine(Boolean, 'must be nice')),
  ]),
  row(
    'keyword',
    'a keyword that is not understood',
    [{ type: 'string' }, { type: 'string', contentSchema: {} }],
    ['$ keyword?'],
  ),
  row('keyword', 'the same keyword that is not understood', [{ not: { type: 'string' } }, { not: { type: 'string' } }]),
];

describe('a change', () => {
  test.each(rows)('of $rule: $what', ({ old, new: after, backward, forward }) => {
    expect({ backward: refused(old, after), forward: refused(after, old) }).toEqual({ backward, forward });
  });

  test.each(Object.keys(RULES))('has a breaking and a compatible example under the rule %s', (rule) => {
    const own = rows.filter((one) => one.rule === rule);
    const verdicts = own.flatMap(({ backward, forward }) => [backward, forward]);
    expect(verdicts.some((findings) => findings.some((finding) => finding.includes(` ${rule}`)))).toBe(true);
    expect(verdicts.some((findings) => findings.length === 0)).toBe(true);
  });
});

describe('recursive schemas', () => {
  test('are compared to the bottom', () => {
    expect(refused(tree(text.max(3)), tree(text.max(3)))).toEqual([]);
    expect(refused(tree(text.max(3)), tree(text.max(4)))).toEqual([]);
    expect(refused(tree(text.max(3)), tree(text.max(2)))).toEqual(['$.leaf max-length', '$.below[*].leaf max-length']);
  });

  test('are told apart from what they once lead to', () => {
    const once = z.object({ leaf: text, below: z.array(z.object({ leaf: text })).optional() });
    expect(refused(tree(text), once)).toEqual([]);
    expect(refused(once, tree(text))).toEqual([]);
    expect(
      refused(tree(text), z.object({ leaf: text, below: z.array(z.strictObject({ leaf: text })).optional() })),
    ).toEqual(['$.below[*].below additional-members']);
  });

  test('of which an alternative failed are not taken on trust in the next one', () => {
    // The first alternative fails below the reference; the second may not rest on what was assumed for it.
    const nodes = (leaf: string): JsonSchema => ({
      definitions: {
        node: { type: 'object', properties: { leaf: { type: leaf }, next: { $ref: '#/definitions/node' } } },
      },
      type: 'object',
      properties: { a: { $ref: '#/definitions/node' } },
    });
    const either: JsonSchema = {
      definitions: {
        node: { type: 'object', properties: { leaf: { type: 'string' }, next: { $ref: '#/definitions/node' } } },
      },
      anyOf: [
        { type: 'object', properties: { a: { $ref: '#/definitions/node' } } },
        { type: 'object', properties: { a: { $ref: '#/definitions/node' } } },
      ],
    };
    expect(refused(nodes('integer'), either)).toEqual(['$ union?']);
    expect(refused(nodes('string'), either)).toEqual([]);
  });
});
