import fc from 'fast-check';
import type { StateValue } from '../../../../local/metrics/alarm.ts';
import {
  breaches,
  type EvaluationSettings,
  evaluationRange,
  nextState,
} from '../../../../local/metrics/alarm-state.ts';

type Treatment = EvaluationSettings['TreatMissingData'];

const TREATMENTS: readonly Treatment[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const STATES: readonly StateValue[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

/** M of N over a threshold of 3. */
const settings = (m: number | undefined, n: number, treatment: Treatment = 'missing'): EvaluationSettings => ({
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 3,
  EvaluationPeriods: n,
  DatapointsToAlarm: m,
  TreatMissingData: treatment,
});

/** `0` is within the threshold, `X` breaches it, `-` is missing; oldest first, as CloudWatch's documentation writes them. */
const points = (text: string) =>
  text.split(' ').map((point) => (point === '-' ? undefined : { '0': 1, X: 5 }[point as '0' | 'X']));

/** The state after `text`; `kept` if it is whatever it was before. */
function stateAfter(text: string, evaluated: EvaluationSettings): StateValue | 'kept' {
  const next = STATES.map((current) => nextState(evaluated, points(text), current));
  if (next.every((state, i) => state === STATES[i])) return 'kept';
  expect(new Set(next).size).toBe(1);
  return next[0] as StateValue;
}

describe('the tables of the User Guide, "Configuring how CloudWatch alarms treat missing data"', () => {
  test.each([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, ['INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', 'kept', 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', 2, ['ALARM', 'kept', 'ALARM', 'OK']],
  ])('%s, %i of 3 to alarm', (text, m, expected) => {
    expect(TREATMENTS.map((treatment) => stateAfter(text, settings(m, 3, treatment)))).toEqual(expected);
  });
});

describe('premature transitions are avoided', () => {
  test.each(['- - - - X', '- - - X -', '- - - X X'])('%s is too few points for 3 of 3, so far', (text) => {
    expect(stateAfter(text, settings(3, 3))).toBe('kept');
  });

  test.each(['- - X - X', '- X - - -', 'X - - - -'])('%s is as old as the data points to alarm', (text) => {
    expect(stateAfter(text, settings(3, 3))).toBe('ALARM');
  });

  test('one point within the threshold is enough to stay calm', () => {
    expect(stateAfter('- X 0 - -', settings(3, 3))).toBe('OK');
  });
});

describe('what counts', () => {
  test('without data points to alarm all periods must breach', () => {
    expect(stateAfter('0 0 X X X', settings(undefined, 3))).toBe('ALARM');
    expect(stateAfter('0 X X 0 X', settings(undefined, 3))).toBe('OK');
  });

  test('data of more than the evaluation periods is asked for, by two as in the documented examples', () => {
    expect(evaluationRange(settings(2, 3))).toBe(5);
  });

  test.each([
    ['GreaterThanThreshold', [false, false, true]],
    ['GreaterThanOrEqualToThreshold', [false, true, true]],
    ['LessThanThreshold', [true, false, false]],
    ['LessThanOrEqualToThreshold', [true, true, false]],
  ] as const)('%s of 2.9, 3 and 3.1 against 3', (ComparisonOperator, expected) => {
    const compared = { ...settings(1, 1), ComparisonOperator };
    expect([2.9, 3, 3.1].map((value) => breaches(compared, value))).toEqual(expected);
  });

  test('zero is data, not a gap', () => {
    const evaluated = { ...settings(1, 1), ComparisonOperator: 'LessThanThreshold' as const };
    expect(nextState(evaluated, [undefined, undefined, 0], 'OK')).toBe('ALARM');
  });
});

describe('whatever the data', () => {
  const mOfN = fc
    .integer({ min: 1, max: 6 })
    .chain((n) => fc.record({ n: fc.constant(n), m: fc.integer({ min: 1, max: n }) }));
  const state = fc.constantFrom(...STATES);
  const value = fc.integer({ min: 0, max: 6 });

  test('with enough real points the newest N decide alone: M of them breach, or it is OK', () => {
    const list = fc.array(fc.option(value, { nil: undefined, freq: 4 }), { minLength: 8, maxLength: 16 });
    fc.assert(
      fc.property(mOfN, list, state, fc.constantFrom(...TREATMENTS), ({ m, n }, series, current, treatment) => {
        const real = series.filter((point) => point !== undefined);
        fc.pre(real.length >= n);
        const bad = real.slice(-n).filter((point) => point > 3).length;
        expect(nextState(settings(m, n, treatment), series, current)).toBe(bad >= m ? 'ALARM' : 'OK');
      }),
    );
  });

  test('what alarms with gaps taken for good alarms with every treatment, and what is OK with gaps taken for bad always is', () => {
    const series = mOfN.chain(({ m, n }) =>
      fc.record({
        m: fc.constant(m),
        n: fc.constant(n),
        list: fc.array(fc.option(value, { nil: undefined, freq: 2 }), { minLength: n + 2, maxLength: n + 2 }),
      }),
    );
    fc.assert(
      fc.property(series, state, ({ m, n, list }, current) => {
        const of = (treatment: Treatment) => nextState(settings(m, n, treatment), list, current);
        const all = TREATMENTS.map(of);
        if (of('notBreaching') === 'ALARM') expect(new Set(all)).toEqual(new Set(['ALARM']));
        if (of('breaching') === 'OK') expect(new Set(all)).toEqual(new Set(['OK']));
      }),
    );
  });
});
