import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import JestRunner from 'jest-runner';

// Stryker makes its sandbox the working directory of all its processes.
const RECORD = 'stryker-test-files.json';

/**
 * Runs test files one after the other, and under a mutant only as many as decide about it: those that hold a test that covers the
 * mutant, the quickest first, until one fails. Stryker's Jest runner names the covering tests but loads every related file, and
 * has no way to stop early (jestjs/jest#11766).
 */
export default class DecidingRunner extends JestRunner {
  /**
   * @param {import('@jest/test-result').Test[]} tests
   * @param {import('jest-watcher').TestWatcher} watcher
   * @returns {Promise<void>}
   */
  async runTests(tests, watcher) {
    const mutated = process.env.__STRYKER_ACTIVE_MUTANT__ !== undefined;
    const known = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {};
    let failed = false;
    this.on('test-file-failure', () => {
      failed = true;
    });
    this.on('test-file-success', ([test, result]) => {
      failed ||= result.numFailingTests > 0 || result.testExecError !== undefined;
      if (mutated) return;
      const names = result.testResults.map(({ fullName }) => fullName);
      known[fileOf(test)] = { names, ms: result.perfStats.end - result.perfStats.start };
    });
    for (const test of mutated ? deciding(tests, known, this._globalConfig.testNamePattern) : tests) {
      await super.runTests([test], watcher, { serial: true });
      if (mutated && failed) break;
    }
    if (!mutated) writeFileSync(RECORD, JSON.stringify(known));
  }
}

/** @param {import('@jest/test-result').Test} test */
const fileOf = (test) => relative(process.cwd(), test.path);

/**
 * @param {import('@jest/test-result').Test[]} tests
 * @param {Record<string, { names: string[], ms: number }>} known tests and time of each file, from the run without a mutant
 * @param {string | undefined} pattern of the names of the covering tests; without one, all tests cover the mutant
 */
function deciding(tests, known, pattern) {
  const names = new RegExp(pattern ?? '', 'i');
  return tests
    .filter((test) => known[fileOf(test)]?.names.some((name) => names.test(name)) ?? true)
    .sort((a, b) => (known[fileOf(a)]?.ms ?? 0) - (known[fileOf(b)]?.ms ?? 0));
}
