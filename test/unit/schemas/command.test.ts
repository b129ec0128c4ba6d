import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const EVENTS = 'lambdas/systems/profiles/events.ts';

/** A repository with the project's schemas: its first commit knows none, the second publishes them, the third changes something else. */
const clone = mkdtempSync(join(tmpdir(), 'millrace-schemas-'));
afterAll(() => rmSync(clone, { recursive: true }));

const run = (command: string, args: readonly string[]) => {
  const author = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  return spawnSync(command, args, { cwd: clone, encoding: 'utf8', env: { PATH: process.env.PATH, ...author } });
};
const schemas = (...args: readonly string[]) => run(process.execPath, ['--no-warnings', 'scripts/schemas.ts', ...args]);
const commit = (message: string) => {
  run('git', ['add', '.']);
  return run('git', ['commit', '--quiet', '--message', message]);
};

for (const part of ['scripts/schemas', 'scripts/schemas.ts', 'lambdas/core', 'lambdas/systems', 'package.json']) {
  cpSync(join(ROOT, part), join(clone, part), { recursive: true });
}
writeFileSync(join(clone, '.gitignore'), 'node_modules\n');
symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
run('git', ['init', '--quiet']);
commit('No schemas yet');
for (const part of ['schemas', 'docs/events.md']) cpSync(join(ROOT, part), join(clone, part), { recursive: true });
commit('Publish the schemas');
writeFileSync(join(clone, 'README.md'), '# A clone\n');
commit('Something else');

const events = readFileSync(join(clone, EVENTS), 'utf8');
/** The events with one text in the place of another, which must be there. */
const edit = (from: string, to: string): void => {
  const edited = events.replace(from, to);
  if (edited === events) throw new Error(`${EVENTS} has no ${from}`);
  writeFileSync(join(clone, EVENTS), edited);
};
afterEach(() => {
  run('git', ['checkout', '--quiet', '.']);
  run('git', ['clean', '--quiet', '--force', '-d']);
});

describe('in a clone, check', () => {
  test('finds nothing where nothing has changed', () => {
    const { status, stdout } = schemas('check', '--against', 'HEAD~1');
    expect(stdout).toMatch(/^\d+ versions of \d+ event types, \d+ of them published \(HEAD~1\): nothing breaks\n$/);
    expect(status).toBe(0);
  });

  test('says so where the revision has nothing published', () => {
    const { status, stdout } = schemas('check', '--against', 'HEAD~2');
    expect(stdout).toContain('note: nothing is published (HEAD~2)');
    expect(status).toBe(0);
  });

  test('names a changed version, what to do instead, and the files that are not current', () => {
    edit('path: z.string().max(2_048)', 'path: z.string().max(1_024)');
    const { status, stdout } = schemas('check', '--against', 'HEAD~1');
    expect(stdout).toContain(
      'page.viewed version 1, $.path: max-length: version 1 is published (HEAD~1) and has changed',
    );
    expect(stdout).toContain('instead: restore version 1 and publish the change as version 2 with an upcaster');
    expect(stdout).toContain('not current: schemas/page.viewed/1.json; run npm run schemas -- generate');
    expect(status).toBe(1);
  });

  test('gives the same as one JSON object', () => {
    edit('path: z.string().max(2_048)', 'path: z.string().max(1_024)');
    const { status, stdout } = schemas('check', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      breaks: [{ type: 'page.viewed', version: 1, against: 1, path: '$.path', rule: 'max-length', proven: true }],
      outdated: ['schemas/page.viewed/1.json', 'schemas/page.viewed/1.registry.json', 'docs/events.md'],
    });
    expect(status).toBe(1);
  });

  test('is not deceived by files that were generated and committed with the change', () => {
    edit('path: z.string().max(2_048)', 'path: z.string().max(1_024)');
    expect(schemas('generate', '--against', 'HEAD~2').status).toBe(0);
    commit('Change what is published');
    expect(schemas('check').status).toBe(0);
    expect(schemas('check', '--against', 'HEAD~1').status).toBe(1);
    run('git', ['reset', '--quiet', '--hard', 'HEAD~1']);
  });

  test('says that a revision is not there', () => {
    const { status, stderr } = schemas('check', '--against', 'HEAD~99');
    expect(stderr).toContain('git knows no revision "HEAD~99" here');
    expect(status).toBe(2);
  });
});

describe('generate', () => {
  test('writes a further version and its page, after which the check is content', () => {
    edit(
      "export const erasureRequested = defineEvent('profile.erasure-requested', {",
      `export const pageViewed2 = evolve(pageViewed, {
  schema: z.object({ productId: productId.optional(), referrer: z.string().optional() }),
  example: {},
  upcast: ({ productId }) => ({ productId }),
});

export const erasureRequested = defineEvent('profile.erasure-requested', {`,
    );
    writeFileSync(
      join(clone, EVENTS),
      readFileSync(join(clone, EVENTS), 'utf8').replace('handled = [pageViewed,', 'handled = [pageViewed2,'),
    );
    expect(schemas('check').stdout).toContain('not current: schemas/page.viewed/2.json');
    const { stdout } = schemas('generate');
    expect(stdout).toContain('wrote schemas/page.viewed/2.json');
    expect(stdout).toContain('wrote docs/events.md');
    expect(stdout).not.toContain('schemas/page.viewed/1.json');
    expect(schemas('check').status).toBe(0);
  });

  test('writes nothing that would change what is published', () => {
    edit('path: z.string().max(2_048)', 'path: z.string().max(1_024)');
    const { status, stdout } = schemas('generate');
    expect(stdout).toContain('page.viewed version 1, $.path: max-length');
    expect(status).toBe(1);
    expect(run('git', ['status', '--porcelain', 'schemas', 'docs']).stdout).toBe('');
  });
});

test('--help tells of both commands', () => {
  const { status, stdout } = schemas('--help');
  expect(stdout).toMatch(/check.*generate/s);
  expect(status).toBe(0);
});
