import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Mutation testing of what must never lose or double an event: core, runtime and the event source mapping engine. One of them alone:
 * `npm run stryker -- --mutate 'lambdas/core/**'`. Results are kept, and the next run tests only what has changed since.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['lambdas/core/**/*.ts', 'lambdas/runtime/**/*.ts', 'local/esm/**/*.ts'],
  testRunner: 'jest',
  // Jest runs the sources as ES modules, as in `npm run jest`.
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  jest: {
    config: {
      // Quick tests only: a mutant that lives until a whole cloud is up is a missing unit test.
      testMatch: ['core', 'runtime', 'decode', 'adapters', 'formats', 'trace', 'redrive', 'esm'].map(
        (folder) => `<rootDir>/test/unit/${folder}/**/*.test.ts`,
      ),
      runner: '<rootDir>/stryker.config.runner.js',
      setupFiles: ['<rootDir>/test/support/one-realm.ts', '<rootDir>/stryker.config.setup.js'],
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: Number(process.env.STRYKER_CONCURRENCY ?? availableParallelism()),
  // Mutants that make a test loop on a virtual clock end by Stryker's count of hits; the time-out is for a busy machine.
  timeoutMS: 6_000,
  incremental: true,
  incrementalFile: 'coverage/stryker/incremental.json',
  reporters: ['clear-text', 'html', 'json', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  htmlReporter: { fileName: 'coverage/stryker/index.html' },
  jsonReporter: { fileName: 'coverage/stryker/report.json' },
  thresholds: { high: 95, low: 85, break: 85 },
  // Outside of the tree: Jest, the type check and the linter would find a second copy of every file in it.
  tempDirName: join(tmpdir(), 'millrace-stryker'),
  ignorePatterns: ['cdk.out', 'coverage', '.millrace'],
};
