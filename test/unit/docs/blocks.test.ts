import { blocksOf } from '../../../scripts/newcomer/blocks.ts';

const page = (...lines: string[]): string => lines.join('\n');

describe('the code blocks of a page', () => {
  it('are run if they are of a shell, in the order of the page', () => {
    expect(blocksOf(page('# A', '```sh', 'npm ci', 'npm start', '```', '', '```sh', 'npm test', '```'))).toEqual([
      { language: 'sh', use: { kind: 'run' }, code: 'npm ci\nnpm start', line: 2 },
      { language: 'sh', use: { kind: 'run' }, code: 'npm test', line: 7 },
    ]);
  });

  it('lose the indentation of the list that they stand in, and no more', () => {
    expect(blocksOf(page('1. one', '', '   ```sh', '   a \\', '     b', '   ```'))).toMatchObject([
      { code: 'a \\\n  b' },
    ]);
  });

  it.each([
    ['sh account', { kind: 'account' }],
    ['sh background until="is up"', { kind: 'background', until: 'is up' }],
    ['ts', { kind: 'check' }],
    ['diff lib/stages.ts', { kind: 'edit', file: 'lib/stages.ts' }],
    ['yaml', { kind: 'read' }],
    ['', { kind: 'read' }],
  ])('marked `%s` are for %j', (info, use) => {
    expect(blocksOf(page(`\`\`\`${info}`, 'x', '```'))).toMatchObject([{ use }]);
  });

  it('that say what no script understands are refused with their line', () => {
    expect(() => blocksOf(page('', '```sh sometimes', 'x', '```'))).toThrow(/line 2: `sh sometimes`/);
    expect(() => blocksOf(page('```sh', 'x'))).toThrow('line 1: the code block has no end');
  });
});
