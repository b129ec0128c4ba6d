import type { Json } from './json.ts';

/**
 * What a JSON Schema accepts, as a structure that can be compared: a union of values and of the four kinds of values that have bounds.
 * `boolean` and `null` are unions of values.
 */
export type Shape =
  | { readonly kind: 'anything' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'values'; readonly values: readonly Json[] }
  | StringShape
  | NumberShape
  | ArrayShape
  | ObjectShape
  /** At least one of them accepts, or, where `exactlyOne`, one and no other. */
  | { readonly kind: 'either'; readonly of: readonly Shape[]; readonly exactlyOne: boolean }
  | { readonly kind: 'both'; readonly of: readonly Shape[] }
  /** What a `$ref` names. */
  | { readonly kind: 'reference'; readonly to: string; readonly target: () => Shape }
  /** A constraint of which only its text is known: two with the same text are the same constraint. */
  | { readonly kind: 'opaque'; readonly keyword: string; readonly text: string };

export interface StringShape {
  readonly kind: 'string';
  readonly minLength: number;
  readonly maxLength: number;
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
}

/** A bound of numbers; `open` if the number itself is outside. */
export interface Bound {
  readonly at: number;
  readonly open: boolean;
}

export interface NumberShape {
  readonly kind: 'number';
  readonly low: Bound;
  readonly high: Bound;
  /** Integers are multiples of 1. */
  readonly multiplesOf: readonly number[];
}

export interface ArrayShape {
  readonly kind: 'array';
  readonly minItems: number;
  readonly maxItems: number;
  readonly unique: boolean;
  /** Of the first items, by index. */
  readonly first: readonly Shape[];
  /** Of all items after those. */
  readonly rest: Shape;
}

export interface Member {
  readonly shape: Shape;
  readonly required: boolean;
  /** Text of the default value. */
  readonly byDefault: string | undefined;
}

export interface ObjectShape {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Member>;
  /**
   * Members that are not declared. `ignored`: a reader takes no notice of them, and a writer is held not to send any: what zod's objects
   * do, and why an event type can grow (docs/decisions/schemas-compatibility.md).
   */
  readonly others: 'ignored' | Shape;
  /** Of the names of all members. */
  readonly names: Shape;
  readonly minMembers: number;
  readonly maxMembers: number;
}

export const ANYTHING: Shape = { kind: 'anything' };
export const NOTHING: Shape = { kind: 'nothing' };

export type JsonType = 'null' | 'boolean' | 'string' | 'number' | 'array' | 'object';

export function typeOfValue(value: Json): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'boolean' || type === 'string' || type === 'number' ? type : 'object';
}
