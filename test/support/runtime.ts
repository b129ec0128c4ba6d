import type { Processor } from '../../lambdas/core/processor.ts';
import { type BatchRunner, createBatchRunner } from '../../lambdas/runtime/batch.ts';
import type { Ports } from '../../lambdas/runtime/context.ts';
import type { RawRecord } from '../../lambdas/runtime/decode/record.ts';
import type { BatchReport } from '../../lambdas/runtime/report.ts';
import { DEFAULTS, type RuntimeSettings } from '../../lambdas/runtime/settings.ts';
import { counter, testCatalogue } from './counter.ts';
import {
  type MemoryCheckpoints,
  type MemoryDeadLetters,
  type MemorySink,
  memoryCheckpoints,
  memoryDeadLetters,
  memorySink,
} from './memory/edges.ts';
import { type MemoryStore, memoryStore } from './memory/store.ts';
import { seededRandom, type VirtualClock, virtualClock, virtualEnvironment } from './virtual-clock.ts';

/** A runtime over ports in memory, in virtual time. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  readonly sink: MemorySink;
  readonly deadLetters: MemoryDeadLetters;
  readonly checkpoints: MemoryCheckpoints;
  /** Hands a batch to a warm environment. */
  run(records: readonly RawRecord[], remainingMs?: number): Promise<BatchReport>;
  /** Hands a batch to a fresh environment, possibly with other code. */
  runCold(records: readonly RawRecord[], processor?: Processor<object>): Promise<BatchReport>;
}

export interface BenchOptions {
  readonly processor?: Processor<object>;
  /** Ports to use instead, given those in memory. */
  readonly ports?: (memory: Ports & Pick<Bench, 'store' | 'sink' | 'deadLetters' | 'checkpoints'>) => Partial<Ports>;
  readonly settings?: Partial<RuntimeSettings>;
}

/** The time-out of a processor's function. */
const TIME_OUT_MS = 60_000;

export function bench({ processor = counter, ports, settings }: BenchOptions = {}): Bench {
  const clock = virtualClock();
  const memory = {
    store: memoryStore(),
    sink: memorySink(),
    deadLetters: memoryDeadLetters(),
    checkpoints: memoryCheckpoints(),
  };
  const used = { ...memory, ...ports?.(memory) };
  const environment = virtualEnvironment(clock, seededRandom(1));
  const runner = (code: Processor<object>): BatchRunner =>
    createBatchRunner(code, testCatalogue, used, environment, { ...DEFAULTS, stream: 'in', ...settings });
  const warm = runner(processor);
  return {
    ...memory,
    clock,
    run: (records, remainingMs = TIME_OUT_MS) => clock.run(warm.run(records, remainingMs)),
    runCold: (records, code = processor) => clock.run(runner(code).run(records, TIME_OUT_MS)),
  };
}

/** Makes a port's method fail or act up on some calls: `act` gets the number of the call, from 1, and the real method. */
export function onCall<Args extends readonly unknown[], Result>(
  method: (...args: Args) => Promise<Result>,
  act: (call: number, proceed: () => Promise<Result>, args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let calls = 0;
  return (...args) => {
    calls++;
    return act(calls, () => method(...args), args);
  };
}
