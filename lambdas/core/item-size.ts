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
  for (const [name, value] of Object.entries(item)) {
    if (value !== undefined) bytes += utf8Bytes(name) + valueSize(value, name);
  }
  return bytes;
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
  return Math.ceil(digits.length / 2) + 1;
}

function valueSize(value: unknown, path: string): number {
  switch (typeof value) {
    case 'string':
      return utf8Bytes(value);
    case 'boolean':
      return 1;
    case 'bigint':
      return decimalSize(value.toString());
    case 'number':
      if (!Number.isFinite(value)) throw unstorable(path, String(value));
      return decimalSize(value.toString());
    case 'object':
      return value === null ? 1 : objectSize(value, path);
    default:
      throw unstorable(path, `a ${typeof value}`);
  }
}

function objectSize(value: object, path: string): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value))
    return COLLECTION_OVERHEAD + sum(value, (e, i) => ELEMENT_OVERHEAD + valueSize(e, `${path}[${i}]`));
  if (value instanceof Set) return sum([...value], (e, i) => valueSize(e, `${path}{${i}}`));
  if (!isPlain(value)) throw unstorable(path, `an instance of ${value.constructor.name}`);
  return (
    COLLECTION_OVERHEAD +
    sum(Object.entries(value), ([name, e]) =>
      e === undefined ? 0 : ELEMENT_OVERHEAD + utf8Bytes(name) + valueSize(e, `${path}.${name}`),
    )
  );
}

function sum<T>(elements: readonly T[], size: (element: T, index: number) => number): number {
  return elements.reduce((total, element, index) => total + (element === undefined ? 0 : size(element, index)), 0);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

const unstorable = (path: string, what: string): TypeError =>
  new TypeError(`attribute ${path} holds ${what}, which DynamoDB cannot store`);
