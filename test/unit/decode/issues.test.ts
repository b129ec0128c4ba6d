import * as z from 'zod';
import { describeIssues } from '../../../lambdas/runtime/decode/issues.ts';

const issuesOf = (schema: z.ZodType, data: unknown): readonly string[] => {
  const { error } = schema.safeParse(data);
  if (error === undefined) throw new Error('The data satisfy the schema');
  return describeIssues(error, schema);
};

describe('what a dead letter says of data that break their schema', () => {
  const person = z.object({ name: z.string(), address: z.object({ lines: z.array(z.string()) }).optional() });

  test.each<[string, z.ZodType, unknown, readonly RegExp[]]>([
    ['the member', person, { name: 5 }, [/^name: .*string/]],
    ['the way to it', person, { name: 'x', address: { lines: ['a', 7] } }, [/^address\.lines\.1: /]],
    ['that it is not even an object', person, 'SECRET', [/^\(event\): /]],
    [
      'how many members are unknown, not which',
      z.strictObject({ a: z.int() }),
      { a: 1, SECRET: 1, SECRET2: 2 },
      [/^\(event\): 2 unknown members$/],
    ],
    ['nothing of a key that the data chose', z.record(z.string(), z.int()), { SECRET: 'x' }, [/^\*: .*number/]],
    ['nothing of a key that is no key', z.record(z.string().regex(/^[A-Z]{3}$/), z.int()), { secret: 1 }, [/^\*: /]],
    ['what is declared behind such a key', z.record(z.string(), person), { SECRET: { name: 1 } }, [/^\*\.name: /]],
    [
      'what is declared in a union',
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), n: z.int() })]),
      { kind: 'a', n: 'SECRET' },
      [/^n: /],
    ],
    [
      'what is declared behind a default, a pipe or a refinement',
      z.object({
        inner: person
          .refine(() => true)
          .default({ name: '' })
          .pipe(person),
      }),
      { inner: { name: 1 } },
      [/^inner\.name: /],
    ],
    [
      'what is declared on both sides of an intersection',
      z.intersection(z.object({ left: z.int() }), z.object({ right: z.int() })),
      {},
      [/^left: /, /^right: /],
    ],
    [
      'five places at most',
      z.array(z.int()),
      Array.from({ length: 9 }, () => 'SECRET'),
      [/^0: /, /^1: /, /^2: /, /^3: /, /^4: /],
    ],
  ])('is %s', (_, schema, data, expected) => {
    const issues = issuesOf(schema, data);
    expect(issues).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    expect(issues.join()).not.toMatch(/secret/i);
  });

  test('comes to an end on a schema that holds itself', () => {
    interface Tree {
      readonly label: string;
      readonly children: readonly Tree[];
    }
    const tree: z.ZodType<Tree> = z.object({
      label: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    expect(issuesOf(tree, { label: 'a', children: [{ label: 1, children: [] }] })).toEqual([
      expect.stringMatching(/^children\.0\.label: /),
    ]);
  });
});
