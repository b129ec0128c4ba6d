import type { EventOf } from '../../lambdas/core/catalogue.ts';
import type { StreamManifest, SystemManifest } from '../../lambdas/core/manifest.ts';
import type { Processor } from '../../lambdas/core/processor.ts';
import { type Counter, committed, counted, counter, type happened } from './counter.ts';

/**
 * Three processors over two streams, to deploy beside one another: `counter` and `healthy` fold the same stream, and `follower` folds what
 * `counter` publishes. `counter` rejects events that say so, until they are redriven: then it is a version that was mended meanwhile.
 */

const publishing: Processor<Counter, EventOf<typeof happened>> = {
  ...counter,
  reduce: (state, event) => {
    if (event.millraceto === undefined) return counter.reduce(state, event);
    return counter.reduce(state, { ...event, data: {} });
  },
};

const healthy: Processor<Counter, EventOf<typeof happened>> = {
  name: 'healthy',
  handles: counter.handles,
  state: counter.state,
  reduce: ({ folded }, event) => ({ state: { folded: [...folded, event.id] } }),
};

const follower: Processor<Counter> = {
  name: 'follower',
  handles: [counted, committed],
  state: counter.state,
  reduce: ({ folded }, event) => ({ state: { folded: [...folded, event.id] } }),
};

export const counters = [publishing, healthy, follower] as readonly Processor<object>[];

const manifest = (name: string, inputStream: string, outputStreams: readonly string[]): SystemManifest => ({
  name,
  description: name,
  entry: 'unused',
  inputStream,
  outputStreams,
  alertQueues: [],
  deduplication: 'recent',
  indexes: [],
});

export const counterSystems: readonly SystemManifest[] = [
  manifest('counter', 'in', ['out']),
  manifest('healthy', 'in', []),
  manifest('follower', 'out', []),
];

export const counterStreams: readonly StreamManifest[] = ['in', 'out'].map((name) => ({
  name,
  description: name,
  kplProducers: false,
}));
