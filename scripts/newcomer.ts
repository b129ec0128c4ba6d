/**
 * `npm run newcomer`: follows README.md line by line in a clean clone of what is committed, with each version of npm that is named. Every
 * `sh` block is run as it stands, every `ts` block is type-checked; blocks marked `account` need an AWS account and are only named.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Command } from 'commander';
import { type Block, blocksOf } from './newcomer/blocks.ts';
import { editFile } from './newcomer/edit.ts';
import { background, run, type Shell, StepError } from './newcomer/shell.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = 'README.md';

/** Without what npm and this process add, as in a terminal that was just opened. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  return { ...Object.fromEntries(entries), PATH: path.join(delimiter) };
}

/** @returns a directory with an `npm` of that version, to stand first on the path. */
async function npmOf(version: string, shell: Shell): Promise<string> {
  const prefix = join(shell.directory, `npm-${version}`);
  await run(shell, `npm install --global --prefix '${prefix}' npm@${version}`);
  return join(prefix, 'bin');
}

/** What a run leaves out, for whoever works on the page. */
const TESTS = / && npm test$/m;

async function follow(version: string, signal: AbortSignal, skipTests: boolean): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-newcomer-'));
  const env = cleanEnvironment();
  const stops: (() => Promise<void>)[] = [];
  try {
    const bin = await npmOf(version, { directory, env, signal });
    const clone = join(directory, 'millrace');
    execFileSync('git', ['clone', '--quiet', ROOT, clone]);
    const shell: Shell = { directory: clone, env: { ...env, PATH: `${bin}${delimiter}${env.PATH}` }, signal };
    for (const block of blocksOf(readFileSync(join(clone, PAGE), 'utf8'))) {
      const stop = await step(skipTests ? { ...block, code: block.code.replace(TESTS, '') } : block, shell);
      if (stop) stops.unshift(stop);
    }
  } finally {
    for (const stop of stops) await stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function step(block: Block, shell: Shell): Promise<(() => Promise<void>) | undefined> {
  const { use, code, line } = block;
  if (use.kind === 'read') return undefined;
  const title = `${PAGE}:${line}  ${code.split('\n').join(' ; ')}`;
  if (use.kind === 'account') {
    console.log(`not run: ${title}`);
    return undefined;
  }
  console.log(title.slice(0, 160));
  try {
    if (use.kind === 'edit') return editFile(shell.directory, use.file, code);
    if (use.kind === 'background') return await background(shell, code, use.until);
    await (use.kind === 'check' ? typeCheck(shell, block) : run(shell, code));
  } catch (error) {
    if (error instanceof StepError) throw new StepError(`${title}\n${error.message}`);
    throw error;
  }
  return undefined;
}

async function typeCheck(shell: Shell, { code, line }: Block): Promise<void> {
  const file = join(shell.directory, `readme-line-${line}.ts`);
  // The file is a module even if the block exports nothing.
  writeFileSync(file, `${code}\nexport {};\n`);
  try {
    await run(
      shell,
      `printf '{"extends":"./tsconfig.json","include":["readme-line-${line}.ts"]}' > readme.tsconfig.json
npx tsc --noEmit -p readme.tsconfig.json`,
    );
  } finally {
    rmSync(file);
    rmSync(join(shell.directory, 'readme.tsconfig.json'), { force: true });
  }
}

async function main({
  npm,
  skipTests,
}: {
  readonly npm: readonly string[];
  readonly skipTests: boolean;
}): Promise<void> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  for (const version of npm) {
    console.log(`npm ${version}:`);
    try {
      await follow(version, interrupt.signal, skipTests);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      console.error(interrupt.signal.aborted ? 'Interrupted' : error.message);
      process.exitCode = interrupt.signal.aborted ? 130 : 1;
      return;
    }
  }
  console.log(`${PAGE} works as written with npm ${npm.join(' and ')}${skipTests ? '; npm test was left out' : ''}`);
}

await new Command('newcomer')
  .description(`follow ${PAGE} line by line in a clean clone of what is committed`)
  .option('--npm <version...>', 'versions of npm', ['10', '11'])
  .option('--skip-tests', 'leave npm test out', false)
  .action(main)
  .parseAsync();
