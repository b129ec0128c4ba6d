import { Undecodable } from '../decode/payload.ts';

/** Reads what was written with one schema. */
export interface Codec {
  /** The value as JSON would have given it, of a bounded number of values. Throws Undecodable. */
  decode(body: Uint8Array): unknown;
}

/** A schema that no record can be read with: nothing that was written with it ever will be. */
export class UnusableSchema extends Error {
  override readonly name = 'UnusableSchema';
}

/** The bytes are not what the schema says. The library's own words may quote them. */
export const mismatch = (format: string): Undecodable =>
  new Undecodable('record.schema-mismatch', `The bytes do not fit the ${format} schema that their header names`);

/** Refuses what no event may have, before it is made a member. */
export function checkName(name: string): void {
  if (name === '__proto__') throw new Undecodable('record.forbidden-key', 'A member is called __proto__');
}
