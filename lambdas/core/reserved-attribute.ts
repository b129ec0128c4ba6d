import type { RowEffect } from './effect.ts';
import { ATTRIBUTES, EFFECT_ROW_ATTRIBUTES } from './names.ts';

/** Attributes that a reducer gives and that cannot stand beside our own. */
export class ReservedAttribute extends Error {
  constructor(owner: string, attribute: string, own: readonly string[]) {
    super(`${owner} attribute ${attribute} is reserved: no name may start with _ or be ${own.join(' or ')}`);
    this.name = 'ReservedAttribute';
  }
}

/** Throws ReservedAttribute for a state that no row can hold. */
export const checkState = (state: object): void => check('State', Object.keys(state), OF_STATES);

/** Throws ReservedAttribute for a row effect whose row would not be what it says. */
export function checkRowEffect({ table, attributes, write }: RowEffect): void {
  check(`Row effect on ${table}:`, Object.keys(attributes), write.when === 'once' ? OF_JOURNALS : OF_VIEWS);
}

const OF_STATES = [ATTRIBUTES.key];
const OF_JOURNALS = [EFFECT_ROW_ATTRIBUTES.key];
const OF_VIEWS = [EFFECT_ROW_ATTRIBUTES.key, EFFECT_ROW_ATTRIBUTES.version];

function check(owner: string, names: readonly string[], own: readonly string[]): void {
  for (const name of names) {
    if (name.startsWith('_') || own.includes(name)) throw new ReservedAttribute(owner, name, own);
  }
}
