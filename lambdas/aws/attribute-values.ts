/**
 * DynamoDB's JSON for the values of attributes (API Reference, "AttributeValue"), to and from plain JavaScript values, as the SDK's
 * document client has them: numbers beyond 2^53 - 1 are bigints, bytes are Uint8Arrays, lists are arrays, maps plain objects, sets Sets.
 */
export type WireValue =
  | { readonly S: string }
  | { readonly N: string }
  /** Base64. */
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly WireValue[] }
  | { readonly M: WireItem }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export type WireItem = Readonly<Record<string, WireValue>>;

/** Attributes by name, as plain values. */
export type PlainItem = Readonly<Record<string, unknown>>;

/** `undefined` is left out. Throws a TypeError for what DynamoDB cannot store, or not exactly. */
export function toWire(item: PlainItem): WireItem {
  const wire: Record<string, WireValue> = {};
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value !== undefined) wire[name] = toWireValue(value);
  }
  return wire;
}

function toWireValue(value: unknown): WireValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: decimal(value) };
    case 'boolean':
      return { BOOL: value };
    case 'bigint':
      return { N: String(value) };
    case 'object':
      return toWireObject(value);
    default:
      throw new TypeError(`DynamoDB cannot store a ${typeof value}`);
  }
}

function toWireObject(value: object | null): WireValue {
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(toWireValue) };
  if (value instanceof Uint8Array) return { B: base64(value) };
  if (value instanceof Set) return toWireSet([...value]);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return { M: toWire(value as PlainItem) };
  throw new TypeError(`DynamoDB cannot store an instance of ${value.constructor.name}`);
}

/** A set has one type and is never empty. */
function toWireSet(members: readonly unknown[]): WireValue {
  const [first] = members;
  if (typeof first === 'string') return { SS: members.map((member) => memberOf(toWireValue(member), 'S')) };
  if (first instanceof Uint8Array) return { BS: members.map((member) => memberOf(toWireValue(member), 'B')) };
  if (first === undefined) throw new TypeError('DynamoDB cannot store an empty set');
  return { NS: members.map((member) => memberOf(toWireValue(member), 'N')) };
}

function memberOf(value: WireValue, type: 'S' | 'N' | 'B'): string {
  const text = (value as Readonly<Record<string, unknown>>)[type];
  if (typeof text !== 'string')
    throw new TypeError('DynamoDB stores sets of texts, of numbers or of bytes, and no others');
  return text;
}

function decimal(value: number): string {
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  throw new TypeError(`DynamoDB cannot store the number ${value} exactly: use a bigint or a text`);
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Throws a TypeError for a type of value that is not known. */
export function fromWire(wire: WireItem): Record<string, unknown> {
  const item: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wire)) item[name] = fromWireValue(value);
  return item;
}

function fromWireValue(value: WireValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return numberOf(value.N);
  if ('M' in value) return fromWire(value.M);
  if ('L' in value) return value.L.map(fromWireValue);
  if ('B' in value) return bytesOf(value.B);
  if ('BOOL' in value) return value.BOOL;
  if ('NULL' in value) return null;
  if ('SS' in value) return new Set(value.SS);
  if ('NS' in value) return new Set(value.NS.map(numberOf));
  if ('BS' in value) return new Set(value.BS.map(bytesOf));
  throw new TypeError(`DynamoDB answered a value of an unknown type: ${Object.keys(value).join()}`);
}

/** Beyond 2^53 - 1 a bigint; what is no integer there either is read as the nearest double. */
function numberOf(text: string): number | bigint {
  const number = Number(text);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER || !/^-?\d+$/.test(text) ? number : BigInt(text);
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
