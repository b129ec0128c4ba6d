import { isExactNumber } from '../core/exact-number.ts';

/** How much memory and stack a reader needs for a JSON text, whatever its length. */
export interface JsonWeight {
  /** Texts, numbers, lists and objects in it. */
  readonly values: number;
  /** Levels of lists and objects. */
  readonly depth: number;
  /** Whether all numbers in it can be kept as they are. */
  readonly isExact: boolean;
}

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, MINUS, ZERO, NINE] = Buffer.from('",[]{}-09');

/** Only numbers of so many characters, or with an exponent, can be too large or too small to be exact. */
const LONG_NUMBER = 16;

/** Weighs a text as JSON.stringify writes it, without white space. Of anything else the weight is meaningless. */
export function weigh(json: string): JsonWeight {
  let values = 1;
  let depth = 0;
  let deepest = 0;
  let isExact = true;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    switch (code) {
      case QUOTE:
        at = endOfText(json, at);
        break;
      case COMMA:
        values++;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth++;
        deepest = Math.max(deepest, depth);
        if (!isClosing(json.charCodeAt(at + 1))) values++;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      default:
        if (!isNumeric(code)) break;
        isExact &&= isExactText(json.slice(at, endOfNumber(json, at)));
        at = endOfNumber(json, at) - 1;
    }
  }
  return { values, depth: deepest, isExact };
}

const isClosing = (code: number): boolean => code === CLOSE_LIST || code === CLOSE_OBJECT;

const isNumeric = (code: number): boolean => code === MINUS || (code >= (ZERO as number) && code <= (NINE as number));

/** Index after the number that begins at `start`. */
function endOfNumber(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && !ENDS.includes(json[at] as string)) at++;
  return at;
}

const ENDS = ',]}';

const isExactText = (number: string): boolean =>
  (number.length < LONG_NUMBER && !number.includes('e')) || isExactNumber(Number(number));

/** Index of the quote that closes the text that `start` opens. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end === -1 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/**
 * What every reader refuses, wherever it is in the JSON: a member called `__proto__`, half a surrogate pair. Undefined if there is neither.
 */
export function forbiddenIn(json: string): string | undefined {
  // Only a text with these marks can hold either; most do not, and are not parsed again. The first characters are rare, so they are found fast.
  if (!json.includes('__proto__') && !json.includes('\\ud')) return undefined;
  const open: unknown[] = [JSON.parse(json)];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node === 'string' && !node.isWellFormed()) return 'a text holds half a surrogate pair';
    if (typeof node !== 'object' || node === null) continue;
    if (Object.hasOwn(node, '__proto__')) return 'a member is called __proto__';
    for (const [name, part] of Object.entries(node)) {
      open.push(name);
      if (part !== null) open.push(part);
    }
  }
  return undefined;
}
