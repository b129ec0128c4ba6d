import { assertRows, Oracle, WrongRows } from '../../bench/oracle.ts';
import { Traffic } from '../../bench/workload/traffic.ts';

const arrivals = new Traffic({ distribution: 'zipf', seed: 'oracle', ratePerSecond: 20, startMs: 0 }).slice(0, 2_000);

const LAST_ADDED = arrivals.findLast(({ event }) => event.type === 'cart.item-added');

function rowsOf(oracle: Oracle): Record<string, unknown>[] {
  return [...oracle.profiles].map(([id, profile]) => ({ ...structuredClone(profile), id, _v: 3 }));
}

function oracleOf(events: typeof arrivals): Oracle {
  const oracle = new Oracle();
  oracle.apply(events);
  return oracle;
}

describe('the oracle', () => {
  test('accepts the rows that its events lead to, whatever else a variant keeps with them', () => {
    const oracle = oracleOf(arrivals);
    expect(() => assertRows('right', oracle.profiles, rowsOf(oracle))).not.toThrow();
  });

  test('comes to the same however the stream is cut', () => {
    const cut = new Oracle();
    for (let from = 0; from < arrivals.length; from += 130) cut.apply(arrivals.slice(from, from + 130));
    expect(cut.profiles).toEqual(oracleOf(arrivals).profiles);
  });

  test('tells of every key of a batch what it was and what it is, also of one that is only repeated', () => {
    const oracle = oracleOf(arrivals.slice(0, 500));
    const before = new Map(oracle.profiles);
    const repeats = arrivals.slice(7, 8).map((one) => ({ ...one, isRepeat: true }));
    const changes = oracle.apply(repeats);
    const subject = String(repeats[0]?.event.subject);
    expect([...changes]).toEqual([[subject, { before: before.get(subject), after: before.get(subject) }]]);
  });

  test.each<[string, (rows: Record<string, unknown>[]) => unknown]>([
    ['one is missing', (rows) => rows.pop()],
    ['one is too many', (rows) => rows.push({ ...rows[0], id: 'nobody' })],
    ['an attribute is missing', (rows) => delete rows[5]?.recentProducts],
    ['a sum is off by one', (rows) => Object.assign(rows[5] ?? {}, { cartValue: { USD: 1 } })],
  ])('refuses rows if %s, and names the variant', (_, breakRows) => {
    const oracle = oracleOf(arrivals);
    const rows = rowsOf(oracle);
    breakRows(rows);
    expect(() => assertRows('hasty', oracle.profiles, rows)).toThrow(WrongRows);
    expect(() => assertRows('hasty', oracle.profiles, rows)).toThrow(/^hasty: 1 of \d+ rows differ/);
  });

  test.each<[string, typeof arrivals]>([
    ['counts repeats twice', arrivals.map((one) => ({ ...one, isRepeat: false }))],
    ['drops an event', arrivals.filter(({ event }) => event !== LAST_ADDED?.event)],
    ['takes events of a key out of order', arrivals.toReversed()],
  ])('refuses the rows of a variant that %s', (_, taken) => {
    const wrong = oracleOf(taken);
    expect(() => assertRows('hasty', oracleOf(arrivals).profiles, rowsOf(wrong))).toThrow(WrongRows);
  });
});
