import { FAULT_KINDS, run, simulate } from '../support/simulate.ts';
import { bookings, ledger } from './systems/ledger.ts';
import { totals } from './systems/totals.ts';

const SYSTEMS = [ledger, totals];
const WORKLOAD = bookings(80);
const faults = new Set(FAULT_KINDS);

const traceOf = async (seed: number, schedule = 0): Promise<readonly string[]> =>
  (await run(SYSTEMS, WORKLOAD, { seed, faults, schedule }, { trace: true })).trace;

describe('a run', () => {
  test('is the same again, line by line, from the same seed', async () => {
    const first = await traceOf(7);
    await traceOf(8);
    expect(await traceOf(7)).toEqual(first);
    expect(first.length).toBeGreaterThan(200);
  });

  test('is the same whether it is traced or not', async () => {
    const { trace: _, ...traced } = await run(SYSTEMS, WORKLOAD, { seed: 9, faults }, { trace: true });
    expect(await run(SYSTEMS, WORKLOAD, { seed: 9, faults })).toMatchObject(traced);
  });

  test('goes another way under another seed, and under another schedule of the same events', async () => {
    const first = await traceOf(7);
    expect(await traceOf(8)).not.toEqual(first);
    expect(await traceOf(7, 1)).not.toEqual(first);
  });

  test('with only some of its events puts these and no others', async () => {
    const { events, trace } = await run(
      SYSTEMS,
      WORKLOAD,
      { seed: 7, faults, keep: new Set([3, 5, 11]) },
      { trace: true },
    );
    const put = trace.flatMap((line) => /bookings .*put #\d+ .*: (?<ids>.*)/.exec(line)?.groups?.ids?.split(' ') ?? []);
    expect(events).toBe(3);
    expect(put.filter((id) => /^e\d+$/.test(id) && !['e3', 'e5', 'e11'].includes(id))).toEqual([]);
  });

  test('without faults delivers every record once and nothing strikes', async () => {
    const { failures, faults: struck, twice, reached } = await simulate(SYSTEMS, WORKLOAD, { seeds: 5, faults: [] });
    expect(failures).toEqual([]);
    expect(Object.values(struck).filter((times) => times > 0)).toEqual([]);
    expect([twice, reached['duplicate-by-position'] ?? 0, reached['version-conflict']]).toEqual([0, 0, 0]);
  });
});
