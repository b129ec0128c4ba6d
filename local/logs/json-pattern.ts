import { FilterPatternError } from './filter-pattern-error.ts';

/** Whether a pattern holds of an event that is a JSON object. */
export type Holds = (value: unknown) => boolean;

/**
 * Parses a JSON pattern with its braces: comparisons of selectors (`$.a.b`, `$.a[0]`, `$['a b']`) with strings, in which `*` stands for
 * anything, and with numbers; `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`; `&&` before `||`, and parentheses. A comparison does not
 * hold of what is not there.
 *
 * @throws FilterPatternError
 */
export function parseJsonPattern(pattern: string): Holds {
  const parser = new Parser(pattern);
  parser.expect('{');
  const holds = parser.either();
  parser.expect('}');
  parser.end();
  return holds;
}

const SPACE = /\s*/y;
const SELECTOR = /\$(?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']+'\])+/y;
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]/g;
const OPERATOR = /!=|<=|>=|=|<|>/y;
const PREDICATE = /IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS/iy;
const STRING = /"((?:[^"\\]|\\.)*)"/y;
const WORD = /[\w.:/*#@+-]+/y;

const PREDICATES: Readonly<Record<string, Holds>> = {
  'IS NULL': (value) => value === null,
  'IS TRUE': (value) => value === true,
  'IS FALSE': (value) => value === false,
  'NOT EXISTS': (value) => value === undefined,
};

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

class Parser {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  either(): Holds {
    const parts = [this.#both()];
    while (this.#take(/\|\|/y) !== undefined) parts.push(this.#both());
    return parts.length === 1 ? (parts[0] as Holds) : (value) => parts.some((holds) => holds(value));
  }

  expect(character: string): void {
    if (this.#pattern[this.#skip()] !== character) throw this.#error(`${character} was expected`);
    this.#at += 1;
  }

  end(): void {
    if (this.#skip() < this.#pattern.length) throw this.#error('nothing was expected after the pattern');
  }

  #both(): Holds {
    const parts = [this.#one()];
    while (this.#take(/&&/y) !== undefined) parts.push(this.#one());
    return parts.length === 1 ? (parts[0] as Holds) : (value) => parts.every((holds) => holds(value));
  }

  #one(): Holds {
    if (this.#take(/\(/y) !== undefined) {
      const holds = this.either();
      this.expect(')');
      return holds;
    }
    const selector = this.#take(SELECTOR)?.[0];
    if (selector === undefined) throw this.#error('a selector such as $.level was expected');
    const select = selected(selector);
    const test = this.#test();
    return (value) => test(select(value));
  }

  #test(): Holds {
    const predicate = this.#take(PREDICATE)?.[0];
    if (predicate !== undefined) return PREDICATES[predicate.toUpperCase().replace(/\s+/, ' ')] as Holds;
    const operator = this.#take(OPERATOR)?.[0];
    if (operator === undefined) throw this.#error('an operator, IS or NOT EXISTS was expected');
    const at = this.#skip();
    const quoted = this.#take(STRING)?.[1];
    if (quoted !== undefined) return this.#comparison(operator, quoted.replaceAll(/\\(.)/g, '$1'), undefined, at);
    const word = this.#take(WORD)?.[0];
    if (word === undefined) throw this.#error('a string, a number or * was expected');
    return this.#comparison(operator, word, Number.isFinite(Number(word)) ? Number(word) : undefined, at);
  }

  #comparison(operator: string, text: string, number: number | undefined, at: number): Holds {
    const order = ORDER[operator];
    if (order !== undefined) {
      if (number === undefined) throw this.#error(`${operator} compares with numbers`, at);
      return (value) => typeof value === 'number' && order(value, number);
    }
    const pattern = new RegExp(`^${text.split('*').map(literally).join('.*')}$`, 's');
    const equals: Holds = (value) => {
      if (number !== undefined) return value === number;
      if (text === '*') return true;
      return typeof value === 'string' && pattern.test(value);
    };
    const isThere = (value: unknown): boolean => value !== undefined && value !== null;
    return (value) => isThere(value) && equals(value) === (operator === '=');
  }

  #take(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#skip();
    const found = token.exec(this.#pattern);
    if (found === null) return undefined;
    this.#at = token.lastIndex;
    return found;
  }

  #skip(): number {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#pattern);
    this.#at = SPACE.lastIndex;
    return this.#at;
  }

  #error(problem: string, at = this.#at): FilterPatternError {
    return new FilterPatternError(this.#pattern, at, problem);
  }
}

/** What a selector finds; undefined where there is nothing. */
function selected(selector: string): (value: unknown) => unknown {
  const steps = [...selector.matchAll(STEP)].map(([, name, index, quoted]) => name ?? quoted ?? Number(index));
  return (value) => {
    let found: unknown = value;
    for (const step of steps) {
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
      found = (found as Record<string | number, unknown>)[step];
    }
    return found;
  };
}

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
