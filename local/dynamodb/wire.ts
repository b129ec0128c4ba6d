import { itemSize } from '../../lambdas/core/item-size.ts';

/** An attribute value as DynamoDB's JSON protocol writes it: one member, named by its type. */
export type WireValue = Readonly<Record<string, unknown>>;
export type WireItem = Readonly<Record<string, WireValue>>;

/** Plain values of an item: integers that a number cannot hold as bigint, so that no digit is lost; sets as Set. */
export function plainItem(item: WireItem): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

/** Bytes of an item by DynamoDB's rule. */
export const wireItemSize = (item: WireItem): number => itemSize(plainItem(item));

function plainValue(value: WireValue): unknown {
  const [type, content] = Object.entries(value)[0] ?? [];
  const convert = type === undefined ? undefined : CONVERTERS[type];
  if (!convert) throw new TypeError(`${JSON.stringify(value)} is no attribute value of DynamoDB`);
  return convert(content);
}

// dynalite has checked the request by the time that these run, so the contents have the type that their name says.
const CONVERTERS: Readonly<Record<string, (content: unknown) => unknown>> = {
  S: (content) => content,
  N: (content) => plainNumber(content as string),
  B: (content) => Buffer.from(content as string, 'base64'),
  BOOL: (content) => content,
  NULL: () => null,
  L: (content) => (content as WireValue[]).map(plainValue),
  M: (content) => plainItem(content as WireItem),
  SS: (content) => new Set(content as string[]),
  NS: (content) => new Set((content as string[]).map(plainNumber)),
  BS: (content) => new Set((content as string[]).map((element) => Buffer.from(element, 'base64'))),
};

function plainNumber(text: string): number | bigint {
  const number = Number(text);
  return !Number.isSafeInteger(number) && /^-?\d+$/.test(text) ? BigInt(text) : number;
}
