import type { CompatibilityMode } from '../../lambdas/core/catalogue.ts';

/** What a mode promises, for people. */
export const FULL_OF: Readonly<Record<CompatibilityMode, string>> = {
  BACKWARD: 'Readers of a version read data of the one before it.',
  BACKWARD_TRANSITIVE: 'Readers of a version read data of all before it.',
  FORWARD: 'Readers of a version read data of the next one.',
  FORWARD_TRANSITIVE: 'Readers of a version read data of all after it.',
  FULL: 'Neighbouring versions read each other.',
  FULL_TRANSITIVE: 'All versions read each other, unless one is said to break.',
  NONE: 'Versions promise each other nothing.',
};
