import type { Processor } from '../../lambdas/core/processor.ts';
import type { Ports } from '../../lambdas/runtime/context.ts';
import { TransientError } from '../../lambdas/runtime/ports.ts';
import {
  FAULT_KINDS,
  type RunOptions,
  type RunResult,
  run,
  type System,
  shrink,
  type Workload,
} from '../support/simulate.ts';
import { bookings, ledger } from './systems/ledger.ts';
import { totals } from './systems/totals.ts';

const WORKLOAD = bookings(120);
const faults = new Set(FAULT_KINDS);

/** The first run that fails, of those that a campaign would come by soon. */
async function firstFailure(
  systems: readonly System[],
  options: RunOptions = {},
  workload: Workload = WORKLOAD,
): Promise<RunResult> {
  for (let seed = 1; seed <= 25; seed++) {
    const result = await run(systems, workload, { seed, faults }, options);
    if (result.breaches.length > 0) return result;
  }
  throw new Error('No run found the bug');
}

const kindsOf = ({ breaches }: RunResult): ReadonlySet<string> => new Set(breaches.map(({ kind }) => kind));

/** Puts over whatever is there, as an adapter without a condition would. */
const overwriting = ({ store, ...others }: Ports): Ports => ({
  ...others,
  store: {
    ...store,
    commit: async (row, over, signal) => {
      const current = (await store.read([row.key], true, signal)).get(row.key);
      if (current instanceof TransientError) throw current;
      return store.commit(
        current === undefined ? row : { ...row, version: current.version + 1 },
        current ?? over,
        signal,
      );
    },
  },
});

/** States that all effects are out, whether they are or not. */
const credulous = ({ checkpoints, ...others }: Ports): Ports => ({
  ...others,
  checkpoints: { ...checkpoints, existing: async (tokens) => new Set(tokens) },
});

/** Says that letters are kept, and keeps none. */
const forgetful = (ports: Ports): Ports => ({
  ...ports,
  deadLetters: { put: async (letters) => letters.map(() => undefined) },
});

const withProcessor = (system: System, change: (processor: Processor<object>) => Processor<object>): System => ({
  ...system,
  processors: system.processors.map(change),
});

describe('a bug that was planted is found', () => {
  test.each([
    ['in a store that overwrites what it does not know', overwriting, 'lost'],
    ['in checkpoints that exist for everything', credulous, 'effect'],
    ['in a dead-letter queue that keeps nothing', forgetful, 'unaccounted'],
  ] as const)(
    '%s',
    async (_, aroundPorts, kind) => {
      const found = await firstFailure([ledger, totals], { aroundPorts });
      expect(kindsOf(found)).toContain(kind);
    },
    60_000,
  );

  test('in a reducer that counts its calls', async () => {
    let calls = 0;
    const impure = withProcessor(ledger, (processor) => ({
      ...processor,
      reduce: (state, event) => {
        calls++;
        const reduction = processor.reduce(state, event);
        return { ...reduction, state: { ...reduction.state, calls } };
      },
    }));
    expect(kindsOf(await firstFailure([impure, totals]))).toContain('state');
  }, 60_000);

  test('in a reducer that changes the state that it is given', async () => {
    const greedy = withProcessor(ledger, (processor) => ({
      ...processor,
      reduce: (state, event) => {
        Object.assign(state, { touched: true });
        return processor.reduce(state, event);
      },
    }));
    expect((await firstFailure([greedy, totals])).breaches).not.toEqual([]);
  }, 60_000);

  test('in a second hop that adds up where it should merge', async () => {
    const adding = withProcessor(totals, (processor) => ({
      ...processor,
      reduce: (state, event) => {
        const { state: next } = processor.reduce(state, event);
        const heard = 'heard' in state ? Number(state.heard) : 0;
        return { state: { ...next, heard: heard + 1 } };
      },
    }));
    // It takes a repeat that comes after its id was forgotten.
    const found = await firstFailure([ledger, adding], {}, bookings(300));
    expect(kindsOf(found)).toContain('state');
  }, 60_000);
});

test.each([
  ['puts overwrite what they do not know', overwriting],
  ['checkpoints exist for everything', credulous],
] as const)(
  'a run that fails because %s is made smaller: to at most 20 events and few kinds of faults',
  async (_, aroundPorts) => {
    const options = { aroundPorts };
    const found = await firstFailure([ledger, totals], options);
    const { result } = await shrink([ledger, totals], WORKLOAD, found.case, options);
    expect(kindsOf(result)).toContain(found.breaches[0]?.kind);
    expect(result.events).toBeLessThanOrEqual(20);
    expect(result.case.faults.size).toBeLessThan(FAULT_KINDS.length / 4);
    // What it says can be had again.
    const again = await run([ledger, totals], WORKLOAD, result.case, { ...options, trace: true });
    expect(again.trace).toEqual(result.trace);
  },
  120_000,
);
