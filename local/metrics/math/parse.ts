/** Metric math as a tree. Comparisons and logic give 1 and 0. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'operation'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] };

/** An expression that is malformed, or that uses what the local cloud does not evaluate. */
export class MathError extends Error {
  override readonly name = 'MathError';

  constructor(expression: string, problem: string) {
    super(`metric math "${expression}": ${problem}`);
  }
}

const TOKEN = /\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z]\w*)|(&&|\|\||==|!=|<=|>=|[-+*/<>(),]))/y;

/** Operators that bind alike, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['OR', '||'],
  ['AND', '&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];

/**
 * Reads an expression: numbers, ids of metrics, `+ - * /`, comparisons, `AND`, `OR`, parentheses and function calls.
 *
 * @throws MathError saying where it stops making sense.
 */
export function parseMath(text: string): Expression {
  const tokens = tokensOf(text);
  let at = 0;
  const fail = (): never => {
    throw new MathError(text, `does not make sense at ${tokens[at] === undefined ? 'its end' : `"${tokens[at]}"`}`);
  };
  const take = (token: string): void => {
    if (tokens[at] !== token) fail();
    at += 1;
  };
  const binary = (level: number): Expression => {
    const operators = LEVELS[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    for (let operator = tokens[at]; operator !== undefined && operators.includes(operator); operator = tokens[at]) {
      at += 1;
      left = { kind: 'operation', operator, left, right: binary(level + 1) };
    }
    return left;
  };
  const unary = (): Expression => {
    if (tokens[at] !== '-') return primary();
    at += 1;
    return { kind: 'negative', of: unary() };
  };
  const primary = (): Expression => {
    const token = tokens[at] ?? fail();
    at += 1;
    if (token === '(') {
      const inner = binary(0);
      take(')');
      return inner;
    }
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) };
    if (!/^[A-Za-z]/.test(token) || LEVELS.flat().includes(token)) {
      at -= 1;
      return fail();
    }
    return tokens[at] === '(' ? { kind: 'call', name: token, arguments: list() } : { kind: 'id', id: token };
  };
  const list = (): Expression[] => {
    take('(');
    if (tokens[at] === ')') {
      at += 1;
      return [];
    }
    const items = [binary(0)];
    for (; tokens[at] === ','; items.push(binary(0))) at += 1;
    take(')');
    return items;
  };
  const expression = binary(0);
  if (at < tokens.length) fail();
  return expression;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (!match) throw new MathError(text, `does not make sense at "${trimmed.slice(from).trim()}"`);
    tokens.push(match[0].trim());
  }
  return tokens;
}
