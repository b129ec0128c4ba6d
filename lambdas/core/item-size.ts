/**
 * How large DynamoDB takes an item to be: the size that the 400 KB limit and write units are counted in.
 *
 * Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats". Names and strings count their UTF-8
 * bytes; a number one byte per two significant digits and one more; a Boolean or null one byte; binary its raw bytes;
 * a list or map 3 bytes and one more per element. The page calls the rule for numbers approximate and is silent about
 * sets, which count the sum of their elements here.
 */

/** 400 KB, names included (Developer Guide, "Quotas in Amazon DynamoDB", item size). */
export const MAX_ITEM_BYTES = 400 * 1024;

const COLLECTION_OVERHEAD = 3;
const ELEMENT_OVERHEAD = 1;

/**
 * Bytes of an item of plain values: string, number, bigint, boolean, null, Uint8Array, array, Set and plain object,
 * nested. `undefined` is skipped, as it is when an item is written.
 *
 * @throws TypeError naming the attribute's path if a value is none of these: DynamoDB could not store it either.
 */
export function itemSize(item: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const name of Object.keys(item)) {
    if (item[name] !== undefined) bytes += utf8Bytes(name) + valueSize(item[name]);
  }
  if (!Number.isNaN(bytes)) return bytes;
  const [name, value] = Object.entries(item).find(([, one]) => isUnstorable(one)) ?? ['', undefined];
  throw unstorable(value, name);
}

/**
 * Bytes of a number given as decimal text, such as `-12.50` or `1e21`: leading and trailing zeros, sign, point and
 * exponent are free.
 */
export function decimalSize(decimal: string): number {
  const digits = decimal
    .replace(/[eE].*$/, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  return digitsSize(digits.length);
}

const digitsSize = (significant: number): number => Math.ceil(significant / 2) + 1;

function numberSize(value: number): number {
  if (!Number.isSafeInteger(value)) return Number.isFinite(value) ? decimalSize(value.toString()) : Number.NaN;
  let rest = Math.abs(value);
  while (rest > 0 && rest % 10 === 0) rest /= 10;
  let significant = 0;
  for (; rest >= 1; rest = Math.floor(rest / 10)) significant++;
  return digitsSize(significant);
}

/** Bytes of a value; NaN if it cannot be stored. Every put is sized, so no path is kept on the way. */
function valueSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return utf8Bytes(value);
    case 'boolean':
      return 1;
    case 'bigint':
      return decimalSize(value.toString());
    case 'number':
      return numberSize(value);
    case 'object':
      return value === null ? 1 : objectSize(value);
    default:
      return Number.NaN;
  }
}

function objectSize(value: object): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value)) return COLLECTION_OVERHEAD + elementsSize(value, ELEMENT_OVERHEAD);
  if (value instanceof Set) return elementsSize(value, 0);
  return isPlain(value) ? COLLECTION_OVERHEAD + membersSize(value) : Number.NaN;
}

function elementsSize(elements: Iterable<unknown>, overhead: number): number {
  let bytes = 0;
  for (const element of elements) if (element !== undefined) bytes += overhead + valueSize(element);
  return bytes;
}

function membersSize(map: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const name of Object.keys(map)) {
    if (map[name] !== undefined) bytes += ELEMENT_OVERHEAD + utf8Bytes(name) + valueSize(map[name]);
  }
  return bytes;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

const isUnstorable = (value: unknown): boolean => value !== undefined && Number.isNaN(valueSize(value));

/** What is wrong with a value, or with what it holds. */
function unstorable(value: unknown, path: string): TypeError {
  const inner = partsOf(value).find(([, part]) => isUnstorable(part));
  if (inner !== undefined) return unstorable(inner[1], `${path}${inner[0]}`);
  const what = typeof value === 'number' ? String(value) : `a ${typeof value}`;
  const name = typeof value === 'object' && value !== null ? `an instance of ${value.constructor.name}` : what;
  return new TypeError(`attribute ${path} holds ${name}, which DynamoDB cannot store`);
}

/** What a value holds, with the steps to it. */
function partsOf(value: unknown): readonly (readonly [step: string, part: unknown])[] {
  if (Array.isArray(value)) return value.map((part, index) => [`[${index}]`, part]);
  if (value instanceof Set) return [...value].map((part, index) => [`{${index}}`, part]);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return [];
  return Object.entries(value).map(([name, part]) => [`.${name}`, part]);
}
