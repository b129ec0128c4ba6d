/**
 * `npm run example`: follows examples/add-a-system/README.md literally, in a copy of the project as it is now: copies the files, changes the
 * registry, generates, checks, tests and synthesizes. Only `account` blocks are not run.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { blocksOf } from './newcomer/blocks.ts';
import { editFile } from './newcomer/edit.ts';
import { run, type Shell, StepError } from './newcomer/shell.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = 'examples/add-a-system/README.md';
const LEFT_OUT = new Set(['node_modules', '.git', 'cdk.out', '.millrace', 'coverage']);

/** The copy shares the packages that are installed here. */
function copyProject(directory: string): void {
  cpSync(ROOT, directory, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(ROOT, path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
}

async function follow(shell: Shell): Promise<void> {
  for (const { use, code, line } of blocksOf(readFileSync(join(shell.directory, PAGE), 'utf8'))) {
    const title = `${PAGE}:${line}  ${use.kind === 'edit' ? `edit ${use.file}` : code.split('\n').join(' ; ')}`;
    if (use.kind === 'read') continue;
    console.log(use.kind === 'account' ? `not run: ${title}` : title);
    try {
      if (use.kind === 'edit') editFile(shell.directory, use.file, code);
      else if (use.kind === 'run') await run(shell, code);
      else if (use.kind !== 'account') throw new StepError(`blocks of kind ${use.kind} are not followed here`);
    } catch (error) {
      if (error instanceof StepError) throw new StepError(`${title}\n${error.message}`);
      throw error;
    }
  }
}

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
const directory = mkdtempSync(join(tmpdir(), 'millrace-example-'));
try {
  copyProject(directory);
  await follow({ directory, env: process.env, signal: interrupt.signal });
  console.log(`${PAGE} works as written`);
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  console.error(interrupt.signal.aborted ? 'Interrupted' : error.message);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
