import type { StateSchema } from '../../core/processor.ts';
import { type CartLine, newProfile, type Profile } from './reducer.ts';

/** Cart lines as version 1 kept them. */
interface NamedCartLine {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly currency: string;
}

const unnamed = ({ productId, quantity, unitPrice, currency }: NamedCartLine): CartLine => [
  productId,
  quantity,
  unitPrice,
  currency,
];

/** The versions of a profile's state: the processor writes the newest, views read any. Version 2 keeps cart lines as lists. */
export const profileState: StateSchema<Profile> = {
  version: 2,
  initial: newProfile,
  migrations: {
    1: (state) =>
      Array.isArray(state.cart) ? { ...state, cart: (state.cart as readonly NamedCartLine[]).map(unnamed) } : state,
  },
};
