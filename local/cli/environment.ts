import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../../lambdas/runtime/ports.ts';

/** The machine's own time and chance. */
export const systemEnvironment: Pick<Environment, 'now' | 'sleep' | 'random'> = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: Math.random,
};
