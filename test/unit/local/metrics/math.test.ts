import fc from 'fast-check';
import { formula, type TimeSeries } from '../../../../local/metrics/math/evaluate.ts';
import { MathError } from '../../../../local/metrics/math/parse.ts';

const SERIES: Readonly<Record<string, TimeSeries>> = {
  a: [1, 2, undefined],
  b: [10, undefined, undefined],
  zero: [0, 0, 0],
  two: [2, 2, 2],
};
const seriesOf = (id: string): TimeSeries => SERIES[id] ?? [];
const evaluated = (text: string): TimeSeries => formula(text).evaluate(seriesOf, 3);
const _ = undefined;

describe('metric math', () => {
  test.each<[string, TimeSeries]>([
    ['a', [1, 2, _]],
    ['7', [7, 7, 7]],
    ['-a', [-1, -2, _]],
    ['a + b', [11, _, _]],
    ['b - a', [9, _, _]],
    ['.5 * a', [0.5, 1, _]],
    ['a / two', [0.5, 1, _]],
  ])('%s goes period by period, and what is missing stays missing', (text, expected) => {
    expect(evaluated(text)).toEqual(expected);
  });

  test('a division by zero has no result', () => {
    expect(evaluated('two / zero')).toEqual([_, _, _]);
    expect(evaluated('FILL(zero / zero, 5)')).toEqual([5, 5, 5]);
  });

  test.each<[string, number]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['16 / 4 / 2', 2],
    ['-2 * -3', 6],
    ['2 - -3', 5],
    ['1 + 1 == 2', 1],
    ['1 < 2 == 1', 1],
    ['3 > 2 AND 1 > 2', 0],
    ['1 OR 1 AND 0', 1],
    ['(1 OR 1) AND 0', 0],
    ['0 || 2 && 3', 1],
    ['2 >= 2', 1],
    ['2 <= 1', 0],
    ['2 != 2', 0],
    ['24 - 7200000 / 3600000', 22],
  ])('%s is %d', (text, expected) => {
    expect(evaluated(text)[0]).toBe(expected);
  });

  test('FILL takes the metric where it has data, zero included, and the filler elsewhere', () => {
    expect(evaluated('FILL(a, 0)')).toEqual([1, 2, 0]);
    expect(evaluated('FILL(zero, 9)')).toEqual([0, 0, 0]);
    expect(evaluated('FILL(b, a)')).toEqual([10, 2, _]);
  });

  test('IF takes one branch a period, and the other one may be missing there', () => {
    expect(evaluated('IF(two, a, b)')).toEqual([1, 2, _]);
    expect(evaluated('IF(zero, a, b)')).toEqual([10, _, _]);
    expect(evaluated('IF(a > 1, 100, 200)')).toEqual([200, 100, _]);
  });

  test.each([
    [0, 0, 0],
    [5, 0, 1],
    [5, 5, 0],
    [_, _, 0],
    [5, _, 1],
    [_, 5, 0],
  ])('arrived %p and polled %p: the expression of a stalled processor is %d', (arrived, polled, expected) => {
    const stalled = formula('IF(FILL(arrived, 0) > 0 AND FILL(polled, 0) == 0, 1, 0)');
    expect(stalled.evaluate((id) => [id === 'arrived' ? arrived : polled], 1)).toEqual([expected]);
  });

  test('ids are named once each, however deep, so that their metrics can be fetched', () => {
    expect(formula('IF(FILL(m1, 0) > m2, -m1, (m3 + 4) / m2)').ids).toEqual(['m1', 'm2', 'm3']);
  });
});

describe('what is not evaluated', () => {
  test.each(['SUM(METRICS())', 'METRICS()', '1 + RATE(a)', 'IF(ANOMALY_DETECTION_BAND(a), 1, 0)', 'toString(a)'])(
    '%s is refused by the name of its function',
    (text) => {
      const name = /SUM|METRICS|RATE|ANOMALY_DETECTION_BAND|toString/.exec(text)?.[0];
      expect(() => formula(text)).toThrow(MathError);
      expect(() => formula(text)).toThrow(`does not evaluate the function ${name}; it has FILL, IF`);
    },
  );

  test.each([
    ['FILL()', 'FILL takes 2 arguments and has 0'],
    ['FILL(a)', 'FILL takes 2 arguments and has 1'],
    ['IF(a, 1, 2, 3)', 'IF takes 3 arguments and has 4'],
    ['', 'at its end'],
    ['a +', 'at its end'],
    ['(a', 'at its end'],
    ['FILL(a, 0', 'at its end'],
    ['a b', 'at "b"'],
    ['a)', 'at ")"'],
    ['* a', 'at "*"'],
    ['a AND OR b', 'at "OR"'],
    ['a ^ 2', 'at "^ 2"'],
    ['a = 2', 'at "= 2"'],
    ['1.2.3', 'at ".3"'],
  ])('%j is refused with the place where it goes wrong', (text, problem) => {
    expect(() => formula(text)).toThrow(`metric math "${text}": `);
    expect(() => formula(text)).toThrow(problem);
  });
});

test('arithmetic of whole numbers agrees with JavaScript, whose precedence is the same', () => {
  const operand = fc.oneof(
    fc.nat(9).map(String),
    fc.tuple(fc.nat(9), fc.constantFrom('+', '-', '*'), fc.nat(9)).map(([a, op, b]) => `(${a} ${op} ${b})`),
  );
  const sum = fc
    .tuple(operand, fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '<', '>='), operand), { maxLength: 6 }))
    .map(([first, rest]) => first + rest.map(([op, next]) => ` ${op} ${next}`).join(''));
  fc.assert(
    fc.property(sum, (text) => {
      expect((evaluated(text)[0] ?? Number.NaN) + 0).toBe(Number(new Function(`return ${text}`)()) + 0);
    }),
  );
});
