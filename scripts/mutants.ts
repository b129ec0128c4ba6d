/**
 * Breaks the rules of mutants.list.ts one at a time, each in a copy of the tree, and shows which test catches it. Fails if one survives,
 * or if a rule is no longer where the list says.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS, type Mutant } from './mutants.list.ts';

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['bin', 'data', 'lambdas', 'lib', 'local', 'test', 'package.json', 'jest.config.js', 'tsconfig.json'];
/** The tests that can catch a mutant of a folder, quick ones first: those that run no bundles and no whole cloud. */
const TESTS: readonly { readonly folder: string; readonly tests: readonly string[] }[] = [
  { folder: 'local/esm/', tests: ['test/unit/esm'] },
  {
    folder: 'lambdas/',
    tests: ['test/unit/runtime', 'test/unit/core', 'test/unit/decode', 'test/contract', 'test/simulation'],
  },
];

interface JestReport {
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

interface Verdict {
  readonly mutant: Mutant;
  readonly caughtBy: readonly string[];
}

function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-mutants-'));
  for (const part of COPIED) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function plant(copy: string, { file, find, replace, name }: Mutant): () => void {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  const occurrences = source.split(find).length - 1;
  if (occurrences !== 1)
    throw new Error(`${name}: the rule stands ${occurrences} times in ${file}; mend scripts/mutants.list.ts`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  return () => writeFileSync(path, source);
}

function runTests(copy: string, mutant: Mutant, tests: string, signal: AbortSignal): Promise<JestReport> {
  const report = join(copy, 'report.json');
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const args = [
    '--experimental-vm-modules',
    '--no-warnings',
    jest,
    tests,
    '--json',
    `--outputFile=${report}`,
    '--silent',
    '--maxWorkers=1',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore', signal });
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(readFileSync(report, 'utf8')) as JestReport);
      } catch (error) {
        reject(new Error(`Jest left no report for: ${mutant.name}`, { cause: error }));
      }
      rmSync(report, { force: true });
    });
  });
}

async function judge(copy: string, mutant: Mutant, signal: AbortSignal): Promise<Verdict> {
  const restore = plant(copy, mutant);
  try {
    for (const tests of TESTS.find(({ folder }) => mutant.file.startsWith(folder))?.tests ?? []) {
      const { testResults } = await runTests(copy, mutant, tests, signal);
      const results = testResults.flatMap(({ assertionResults }) => assertionResults);
      const failed = results.filter(({ status }) => status === 'failed');
      if (failed.length > 0) return { mutant, caughtBy: failed.map(({ fullName }) => fullName) };
      if (results.length === 0) throw new Error(`${tests} holds no tests, or none that load`);
    }
    return { mutant, caughtBy: [] };
  } finally {
    restore();
  }
}

function show({ mutant, caughtBy }: Verdict, done: number, all: number): void {
  const [first] = caughtBy;
  const others = caughtBy.length > 1 ? ` (and ${caughtBy.length - 1} more)` : '';
  console.log(`${String(done).padStart(2)}/${all} ${first === undefined ? 'SURVIVED' : 'caught  '} ${mutant.name}`);
  if (first !== undefined) console.log(`         by: ${first.slice(0, 150)}${others}`);
}

async function main(signal: AbortSignal): Promise<void> {
  const [wanted] = process.argv.slice(2);
  const mutants = MUTANTS.filter(({ name }) => wanted === undefined || name.includes(wanted));
  if (mutants.length === 0) throw new Error(`No mutant's name contains ${wanted}`);
  const queue = mutants.values();
  const verdicts: Verdict[] = [];
  const work = async (): Promise<void> => {
    const copy = copyTree();
    try {
      for (const mutant of queue) {
        const verdict = await judge(copy, mutant, signal);
        verdicts.push(verdict);
        show(verdict, verdicts.length, mutants.length);
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  const survivors = verdicts.filter(({ caughtBy }) => caughtBy.length === 0);
  console.log(`${verdicts.length - survivors.length} of ${verdicts.length} mutants caught`);
  if (survivors.length > 0) process.exitCode = 1;
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
try {
  await main(interrupted.signal);
} catch (error) {
  console.error(interrupted.signal.aborted ? 'Interrupted' : error);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}
