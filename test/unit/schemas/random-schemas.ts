import fc from 'fast-check';
import * as z from 'zod';
import type { Json } from '../../../scripts/schemas/json.ts';

/** A random schema, of which both a zod schema and data can be made. */
export type Plan =
  | { readonly kind: 'string'; readonly min?: number; readonly max?: number; readonly pattern?: string }
  | { readonly kind: 'datetime' | 'boolean' | 'null' | 'unknown' }
  | {
      readonly kind: 'number';
      readonly whole: boolean;
      readonly min?: number;
      readonly max?: number;
      readonly step?: number;
    }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'array'; readonly items: Plan; readonly min?: number; readonly max?: number }
  | { readonly kind: 'tuple'; readonly items: readonly Plan[]; readonly rest?: Plan }
  | {
      readonly kind: 'object';
      readonly mode: 'strip' | 'strict' | 'loose' | 'catchall';
      readonly members: readonly MemberPlan[];
    }
  | { readonly kind: 'record'; readonly keys: 'any' | 'lower' | 'listed'; readonly values: Plan }
  | { readonly kind: 'union'; readonly of: readonly Plan[] }
  | { readonly kind: 'oneOf'; readonly of: readonly Plan[] }
  | {
      readonly kind: 'told';
      readonly of: readonly { readonly tags: readonly string[]; readonly members: readonly MemberPlan[] }[];
    }
  | { readonly kind: 'refined'; readonly of: Plan; readonly rule: string };

export interface MemberPlan {
  readonly name: string;
  readonly plan: Plan;
  readonly presence: 'required' | 'optional' | 'default';
  readonly nullable: boolean;
}

const PATTERNS = ['^[a-c]*$', '^a', 'c$'];
const NAMES = ['a', 'b', 'c'];
const small = { min: 0, max: 4 };
const WORDS = ['', 'a', 'b', 'c', 'ab', 'abc', 'ca', 'cab', 'x', 'abcabc'];

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Leaves out what is undefined, as plans have it. */
const plan = <T extends object>(parts: { [K in keyof T]: fc.Arbitrary<T[K] | undefined> }): fc.Arbitrary<T> =>
  fc
    .record(parts as Record<string, fc.Arbitrary<unknown>>)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, part]) => part !== undefined)) as T);

const leaf: fc.Arbitrary<Plan> = fc.oneof(
  plan<Plan & { kind: 'string' }>({
    kind: fc.constant('string' as const),
    min: optional(fc.integer(small)),
    max: optional(fc.integer(small)),
    pattern: optional(fc.constantFrom(...PATTERNS)),
  }),
  plan<Plan & { kind: 'number' }>({
    kind: fc.constant('number' as const),
    whole: fc.boolean(),
    min: optional(fc.integer({ min: -3, max: 3 })),
    max: optional(fc.integer({ min: -3, max: 9 })),
    step: optional(fc.constantFrom(0.5, 1, 2, 3)),
  }),
  fc.constantFrom<Plan>({ kind: 'boolean' }, { kind: 'null' }, { kind: 'unknown' }, { kind: 'datetime' }),
  fc.subarray(['a', 'b', 'abc'], { minLength: 1 }).map((values): Plan => ({ kind: 'enum', values })),
  fc.constantFrom('a', 1, true, null).map((value): Plan => ({ kind: 'literal', value })),
);

export const plans: fc.Arbitrary<Plan> = fc.letrec<{ plan: Plan; members: readonly MemberPlan[] }>((tie) => ({
  members: fc.subarray(NAMES).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(name),
          plan: tie('plan'),
          presence: fc.constantFrom<MemberPlan['presence']>('required', 'optional', 'default'),
          nullable: fc.boolean(),
        }),
      ),
    ),
  ),
  plan: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    plan<Plan & { kind: 'array' }>({
      kind: fc.constant('array' as const),
      items: tie('plan'),
      min: optional(fc.integer(small)),
      max: optional(fc.integer(small)),
    }),
    plan<Plan & { kind: 'tuple' }>({
      kind: fc.constant('tuple' as const),
      items: fc.array(tie('plan'), { minLength: 1, maxLength: 2 }),
      rest: optional(tie('plan')),
    }),
    fc.record({
      kind: fc.constant('object' as const),
      mode: fc.constantFrom(
        'strip' as const,
        'strip' as const,
        'strict' as const,
        'loose' as const,
        'catchall' as const,
      ),
      members: tie('members'),
    }),
    fc.record({
      kind: fc.constant('record' as const),
      keys: fc.constantFrom('any' as const, 'lower' as const, 'listed' as const),
      values: tie('plan'),
    }),
    fc.array(tie('plan'), { minLength: 2, maxLength: 3 }).map((of): Plan => ({ kind: 'union', of })),
    fc.array(tie('plan'), { minLength: 2, maxLength: 2 }).map((of): Plan => ({ kind: 'oneOf', of })),
    fc.tuple(fc.constantFrom(['p'], ['p', 'q']), tie('members'), tie('members')).map(
      ([tags, first, second]): Plan => ({
        kind: 'told',
        of: [
          { tags, members: first },
          { tags: ['r'], members: second },
        ],
      }),
    ),
    tie('plan').map((of): Plan => ({ kind: 'refined', of, rule: 'must be lucky' })),
  ),
})).plan;

/** A plan and another one that differs in one or two places, as schemas do after a change. */
export const changed = (of: Plan): fc.Arbitrary<Plan> =>
  fc.oneof(
    { weight: 4, arbitrary: edited(of) },
    { weight: 2, arbitrary: edited(of).chain(edited) },
    { weight: 1, arbitrary: plans },
  );

/** One change, here or in one of the parts. */
const edited = (of: Plan): fc.Arbitrary<Plan> => fc.oneof(editedHere(of), ...editedBelow(of));

const near = (bound: number | undefined): fc.Arbitrary<number | undefined> =>
  bound === undefined ? fc.integer(small) : fc.constantFrom(undefined, Math.max(0, bound - 1), bound + 1);

/** The plan with one of its bounds moved, dropped or added. */
const bounded = <T extends Plan & { readonly min?: number; readonly max?: number }>(of: T): fc.Arbitrary<Plan> =>
  fc.constantFrom('min' as const, 'max' as const).chain((side) =>
    near(of[side]).map((bound) => {
      const { [side]: _, ...rest } = of;
      return (bound === undefined ? rest : { ...rest, [side]: bound }) as Plan;
    }),
  );

function editedHere(of: Plan): fc.Arbitrary<Plan> {
  switch (of.kind) {
    case 'string':
    case 'array':
      return bounded(of);
    case 'number':
      return fc.oneof(
        bounded(of),
        fc.constant({ ...of, whole: !of.whole }),
        fc.constantFrom(0.5, 1, 2, 3, 6).map((step) => ({ ...of, step })),
      );
    case 'enum':
      return fc.subarray(['a', 'b', 'abc'], { minLength: 1 }).map((values) => ({ kind: 'enum', values }));
    case 'tuple':
      return plans.map((rest) => ({ ...of, rest }));
    case 'object':
      return fc.oneof(
        membersNear(of.members).map((members) => ({ ...of, members })),
        fc
          .constantFrom('strip' as const, 'strict' as const, 'loose' as const, 'catchall' as const)
          .map((mode) => ({ ...of, mode })),
      );
    case 'record':
      return fc.constantFrom('any' as const, 'lower' as const, 'listed' as const).map((keys) => ({ ...of, keys }));
    case 'union':
      return plans.map((more) => ({ ...of, of: [...of.of, more] }));
    case 'oneOf':
      return fc.constant({ kind: 'union', of: of.of });
    case 'told': {
      const [first, ...rest] = of.of;
      if (first === undefined) return plans;
      return fc.constantFrom(['p'], ['p', 'q']).map((tags) => ({ ...of, of: [{ ...first, tags }, ...rest] }));
    }
    case 'refined':
      return fc.constant(of.of);
    default:
      return plans;
  }
}

function editedBelow(of: Plan): fc.Arbitrary<Plan>[] {
  switch (of.kind) {
    case 'array':
      return [edited(of.items).map((items) => ({ ...of, items }))];
    case 'tuple':
    case 'union':
    case 'oneOf': {
      const parts = of.kind === 'tuple' ? of.items : of.of;
      return parts.map((part, index) =>
        edited(part).map((other) => {
          const all = parts.with(index, other);
          return of.kind === 'tuple' ? { ...of, items: all } : { ...of, of: all };
        }),
      );
    }
    case 'object':
      return of.members.map((member, index) =>
        edited(member.plan).map((other) => ({ ...of, members: of.members.with(index, { ...member, plan: other }) })),
      );
    case 'record':
      return [edited(of.values).map((values) => ({ ...of, values }))];
    case 'told':
      return of.of.map(({ tags, members }, index) =>
        membersNear(members).map((other) => ({ ...of, of: of.of.with(index, { tags, members: other }) })),
      );
    case 'refined':
      return [edited(of.of).map((inner) => ({ ...of, of: inner }))];
    default:
      return [];
  }
}

/** One member left out, or there in another way; or one more. */
function membersNear(members: readonly MemberPlan[]): fc.Arbitrary<readonly MemberPlan[]> {
  const free = NAMES.filter((name) => members.every((member) => member.name !== name));
  const added = fc
    .record({
      name: fc.constantFrom(...free, 'd'),
      plan: leaf,
      presence: fc.constantFrom('required' as const, 'optional' as const),
      nullable: fc.boolean(),
    })
    .map((member) => [...members, member]);
  const changes = members.flatMap((member, index) => [
    fc.constant(members.toSpliced(index, 1)),
    fc
      .constantFrom<Partial<MemberPlan>>(
        { presence: 'required' },
        { presence: 'optional' },
        { nullable: !member.nullable },
      )
      .map((change) => members.with(index, { ...member, ...change })),
  ]);
  return fc.oneof(added, ...changes);
}

/** The zod schema of a plan. */
export function zodOf(of: Plan): z.ZodType {
  switch (of.kind) {
    case 'array': {
      const list = z.array(zodOf(of.items)).min(of.min ?? 0);
      return of.max === undefined ? list : list.max(of.max);
    }
    case 'tuple':
      return tupleOf(of.items.map(zodOf) as [z.ZodType, ...z.ZodType[]], of.rest);
    case 'object':
      return objectOf(of.mode, of.members);
    case 'record':
      return of.keys === 'listed'
        ? z.partialRecord(z.enum(['a', 'x']), zodOf(of.values))
        : z.record(of.keys === 'any' ? z.string() : z.string().regex(/^[a-b]+$/), zodOf(of.values));
    case 'union':
      return z.union(of.of.map(zodOf));
    case 'oneOf':
      return z.xor(of.of.map(zodOf));
    case 'told':
      return z.discriminatedUnion('tag', of.of.map(toldOf) as unknown as [z.ZodObject, ...z.ZodObject[]]);
    case 'refined':
      return zodOf(of.of).refine((value) => JSON.stringify(value)?.length !== 13, of.rule);
    default:
      return simpleOf(of);
  }
}

function simpleOf(of: Plan): z.ZodType {
  switch (of.kind) {
    case 'string': {
      const text = z.string().min(of.min ?? 0);
      const bounded = of.max === undefined ? text : text.max(of.max);
      return of.pattern === undefined ? bounded : bounded.regex(new RegExp(of.pattern));
    }
    case 'number': {
      const number = (of.whole ? z.int() : z.number()).min(of.min ?? -4);
      const bounded = of.max === undefined ? number : number.lt(of.max);
      return of.step === undefined ? bounded : bounded.multipleOf(of.step);
    }
    case 'datetime':
      return z.iso.datetime();
    case 'boolean':
      return z.boolean();
    case 'null':
      return z.null();
    case 'enum':
      return z.enum(of.values as [string, ...string[]]);
    case 'literal':
      return z.literal(of.value);
    default:
      return z.unknown();
  }
}

const tupleOf = (items: [z.ZodType, ...z.ZodType[]], rest: Plan | undefined): z.ZodType =>
  rest === undefined ? z.tuple(items) : z.tuple(items, zodOf(rest));

const toldOf = ({ tags, members }: { readonly tags: readonly string[]; readonly members: readonly MemberPlan[] }) =>
  z.object({ tag: z.enum(tags as [string, ...string[]]), ...shapeOf(members) });

function objectOf(mode: 'strip' | 'strict' | 'loose' | 'catchall', members: readonly MemberPlan[]): z.ZodType {
  const shape = shapeOf(members);
  if (mode === 'strict') return z.strictObject(shape);
  if (mode === 'loose') return z.looseObject(shape);
  return mode === 'catchall' ? z.object(shape).catchall(z.int()) : z.object(shape);
}

const shapeOf = (members: readonly MemberPlan[]): Record<string, z.ZodType> =>
  Object.fromEntries(
    members.map(({ name, plan: of, presence, nullable }) => {
      const inner = nullable ? zodOf(of).nullable() : zodOf(of);
      if (presence === 'default' && inner.safeParse('a').success) return [name, inner.default('a')];
      return [name, presence === 'optional' ? inner.optional() : inner];
    }),
  );

const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, '', 'a', 'abc', 0, 1, 2.5, -7),
  fc.constantFrom<Json>([], ['a'], [1, 2], {}, { a: 1 }, { a: 'a', b: null }, { x: 1 }),
);

/** Data that a writer of the plan might send: mostly what its schema accepts, and no member that a `strip` object does not declare. */
export function dataOf(of: Plan): fc.Arbitrary<Json> {
  switch (of.kind) {
    case 'string':
      return fc.oneof(
        fc.constantFrom(...WORDS),
        fc.string({ maxLength: 6, unit: fc.constantFrom('a', 'b', 'c', 'z') }),
      );
    case 'number':
      return fc.oneof(
        fc.integer({ min: -4, max: 10 }),
        fc.integer({ min: -8, max: 20 }).map((n) => n / 2),
      );
    case 'datetime':
      return fc.constantFrom('2026-11-01T12:00:00Z', '2024-02-29T00:00:00.123Z');
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'unknown':
      return anything;
    case 'enum':
      return fc.constantFrom(...of.values);
    case 'literal':
      return fc.constant(of.value);
    case 'array':
      return fc.array(dataOf(of.items), { minLength: of.min ?? 0, maxLength: Math.max(of.min ?? 0, of.max ?? 5) });
    case 'tuple':
      return fc
        .tuple(
          fc.tuple(...of.items.map(dataOf)),
          of.rest === undefined ? fc.constant([]) : fc.array(dataOf(of.rest), { maxLength: 2 }),
        )
        .map(([first, rest]) => [...first, ...rest]);
    case 'object':
      return objectData(of.members, of.mode === 'loose' ? anything : of.mode === 'catchall' ? fc.integer() : undefined);
    case 'record':
      return fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'x', ''), dataOf(of.values), { maxKeys: 3 });
    case 'union':
    case 'oneOf':
      return fc.oneof(...of.of.map(dataOf));
    case 'told':
      return fc.oneof(
        ...of.of.map(({ tags, members }) =>
          fc.tuple(fc.constantFrom(...tags), objectData(members, undefined)).map(([tag, rest]) => ({ ...rest, tag })),
        ),
      );
    case 'refined':
      return dataOf(of.of);
  }
}

function objectData(
  members: readonly MemberPlan[],
  others: fc.Arbitrary<Json> | undefined,
): fc.Arbitrary<Record<string, Json>> {
  const declared = fc.tuple(
    ...members.map(({ name, plan: of, presence, nullable }) =>
      fc.record({
        name: fc.constant(name),
        value: nullable ? fc.oneof(dataOf(of), fc.constant(null)) : dataOf(of),
        there: presence === 'required' ? fc.constant(true) : fc.boolean(),
      }),
    ),
  );
  const extra =
    others === undefined
      ? fc.constant({})
      : fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x', 'tag'), others, { maxKeys: 2 });
  return fc.tuple(declared, extra).map(([own, more]) => ({
    ...more,
    ...Object.fromEntries(own.filter(({ there }) => there).map(({ name, value }) => [name, value])),
  }));
}
