import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from '../../../scripts/newcomer/blocks.ts';
import { edited } from '../../../scripts/newcomer/edit.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'examples/add-a-system/README.md'), 'utf8');

describe('an edit of a page', () => {
  const text = 'one\ntwo\nthree\n';

  it('replaces the lines that go by those that come, between those that stay', () => {
    expect(edited(text, ' one\n-two\n+2\n+2.5\n three')).toBe('one\n2\n2.5\nthree\n');
  });

  it.each([
    ['not there', ' one\n-three', '0 times'],
    ['there twice', '-a\n+b', '2 times'],
    ['no edit', 'one', 'begins neither'],
  ])('is refused if its lines are %s', (_, change, problem) => {
    expect(() => edited(`${text}a\na\n`, change)).toThrow(problem);
  });
});

/** The rest of the page is followed by `npm run example`, which takes longer than a unit test may. */
describe('examples/add-a-system', () => {
  it('can be registered by its edits as the project is now', () => {
    const files = new Map<string, string>();
    for (const { use, code } of blocksOf(PAGE)) {
      if (use.kind !== 'edit') continue;
      const before = files.get(use.file) ?? readFileSync(join(ROOT, use.file), 'utf8');
      files.set(use.file, edited(before, code));
    }
    expect([...files.keys()]).toEqual(
      ['registry', 'catalogue', 'processors', 'views'].map((name) => `lambdas/systems/${name}.ts`),
    );
  });

  it('is followed with every block that a person would run', () => {
    const kinds = blocksOf(PAGE).map(({ use }) => use.kind);
    expect(kinds).not.toContain('read');
    expect(kinds.filter((kind) => kind === 'run').length).toBeGreaterThan(3);
  });
});
