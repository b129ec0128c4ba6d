import { type Expression, MathError, parseMath } from './parse.ts';

/** A value a period, oldest first; undefined where there is no data. */
export type TimeSeries = readonly (number | undefined)[];

type Value = number | TimeSeries;

/** An expression that is known to be computable. */
export interface Formula {
  /** Ids of the metrics and expressions that it needs. */
  readonly ids: readonly string[];
  /** @param length periods of the result. */
  evaluate(series: (id: string) => TimeSeries, length: number): TimeSeries;
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
};

/** The functions that alarms of the templates use; each takes exactly so many arguments, period by period. */
const FUNCTIONS: Readonly<
  Record<string, { readonly takes: number; readonly apply: (...values: (number | undefined)[]) => number | undefined }>
> = {
  /** The metric, or the second argument in periods without data. */
  FILL: { takes: 2, apply: (value, filler) => value ?? filler },
  IF: {
    takes: 3,
    apply: (condition, yes, no) => {
      if (condition === undefined) return undefined;
      return condition === 0 ? no : yes;
    },
  },
};

/**
 * Reads an expression of metric math and checks that all of it can be evaluated. A period in which an operand has no
 * data has no result, and neither has a division by zero.
 *
 * @throws MathError for what makes no sense, and for a function that is not implemented, by its name.
 */
export function formula(text: string): Formula {
  const expression = parseMath(text);
  const ids = new Set<string>();
  check(text, expression, ids);
  return {
    ids: [...ids],
    evaluate: (series, length) => {
      const value = compute(expression, series, length);
      return typeof value === 'number' ? Array.from({ length }, () => value) : value;
    },
  };
}

function check(text: string, expression: Expression, ids: Set<string>): void {
  switch (expression.kind) {
    case 'number':
      return;
    case 'id':
      ids.add(expression.id);
      return;
    case 'negative':
      check(text, expression.of, ids);
      return;
    case 'operation':
      check(text, expression.left, ids);
      check(text, expression.right, ids);
      return;
    case 'call':
      checkCall(text, expression);
      for (const argument of expression.arguments) check(text, argument, ids);
  }
}

function checkCall(text: string, { name, arguments: given }: Extract<Expression, { kind: 'call' }>): void {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) {
    const names = Object.keys(FUNCTIONS).join(', ');
    throw new MathError(text, `the local cloud does not evaluate the function ${name}; it has ${names}`);
  }
  if (given.length !== known.takes) {
    throw new MathError(text, `${name} takes ${known.takes} arguments and has ${given.length}`);
  }
}

function compute(expression: Expression, series: (id: string) => TimeSeries, length: number): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'id':
      return series(expression.id);
    case 'negative':
      return perPeriod([compute(expression.of, series, length)], length, ([value]) =>
        value === undefined ? undefined : -value,
      );
    case 'operation': {
      const operands = [compute(expression.left, series, length), compute(expression.right, series, length)];
      const apply = OPERATORS[expression.operator] as (a: number, b: number) => number;
      return perPeriod(operands, length, ([a, b]) =>
        a === undefined || b === undefined ? undefined : finite(apply(a, b)),
      );
    }
    case 'call': {
      const { apply } = FUNCTIONS[expression.name] as (typeof FUNCTIONS)[string];
      const operands = expression.arguments.map((argument) => compute(argument, series, length));
      return perPeriod(operands, length, (values) => apply(...values));
    }
  }
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function perPeriod(
  operands: readonly Value[],
  length: number,
  apply: (values: (number | undefined)[]) => number | undefined,
): TimeSeries {
  return Array.from({ length }, (_, i) =>
    apply(operands.map((operand) => (typeof operand === 'number' ? operand : operand[i]))),
  );
}
