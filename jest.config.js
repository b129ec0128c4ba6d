/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Both cores of a small machine; by default Jest leaves one idle.
  maxWorkers: '100%',
  // Modules of test files pile up in a worker, and the more there are the slower it becomes: one that has so much begins anew.
  workerIdleMemoryLimit: '900MB',
  // Generous, since a busy machine is slow: nothing is judged by how long it takes.
  testTimeout: 120_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/support/one-realm.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};
