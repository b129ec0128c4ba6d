import { type EventDefinition, type EventOf, newestVersion } from '../../../lambdas/core/catalogue.ts';
import { dataSchemaOf } from '../../../lambdas/core/event.ts';
import {
  itemAdded,
  itemRemoved,
  orderPurchased,
  pageViewed,
  type ShopEvent,
} from '../../../lambdas/systems/profiles/events.ts';
import type { Random } from './random.ts';

/**
 * Shares of the actions among the 4,697 events that the shop's real log makes (data/shop/events.csv): 1,300 put something into the cart,
 * 1,051 took something out, 26 bought, the rest looked at a product.
 */
export const SHARES = { added: 0.2768, removed: 0.2238, purchased: 0.0055 } as const;
/** Mean seconds between two events of one user in that log, pauses above half an hour aside. */
export const PAUSE_SECONDS = 54;
/** Products in that log. */
export const PRODUCTS = 2_831;
const CURRENCY = 'USD';
const SOURCE = 'urn:millrace:bench:shop';

/** What an event is to be called and when it happens. */
export interface Occasion {
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
}

interface Line {
  quantity: number;
  readonly unitPrice: number;
}

/** A visitor who acts as those of the shop do: takes out what is in the cart, and buys all of it. */
export class Shopper {
  readonly #user: string;
  readonly #sessionId: string;
  readonly #cart = new Map<string, Line>();

  constructor(user: string) {
    this.#user = user;
    this.#sessionId = `26dd6e6e-4dac-4778-8d2c-${user.padStart(12, '0')}`;
  }

  next(random: Random, occasion: Occasion): ShopEvent {
    const draw = random.next();
    if (draw < SHARES.added) return this.#add(random, occasion);
    if (this.#cart.size > 0 && draw < SHARES.added + SHARES.removed) return this.#remove(random, occasion);
    if (this.#cart.size > 0 && draw < SHARES.added + SHARES.removed + SHARES.purchased) return this.#buy(occasion);
    return this.#event(pageViewed, occasion, { productId: productOf(random), sessionId: this.#sessionId });
  }

  #add(random: Random, occasion: Occasion): ShopEvent {
    const productId = productOf(random);
    const line = this.#cart.get(productId) ?? { quantity: 0, unitPrice: 100 + random.below(2_000) };
    line.quantity += 1;
    this.#cart.set(productId, line);
    const { unitPrice } = line;
    return this.#event(itemAdded, occasion, {
      productId,
      quantity: 1,
      unitPrice,
      currency: CURRENCY,
      sessionId: this.#sessionId,
    });
  }

  #remove(random: Random, occasion: Occasion): ShopEvent {
    const productId = [...this.#cart.keys()][random.below(this.#cart.size)] ?? '';
    this.#cart.delete(productId);
    return this.#event(itemRemoved, occasion, { productId, sessionId: this.#sessionId });
  }

  #buy(occasion: Occasion): ShopEvent {
    const lines = [...this.#cart].map(([productId, line]) => ({ productId, ...line }));
    this.#cart.clear();
    return this.#event(orderPurchased, occasion, {
      orderId: `order-${occasion.id}`,
      currency: CURRENCY,
      total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
      lines,
      sessionId: this.#sessionId,
    });
  }

  #event<Type extends string, Data>(
    definition: EventDefinition<Type, Data>,
    { id, time }: Occasion,
    data: Data,
  ): EventOf<EventDefinition<Type, Data>> {
    const { type } = definition;
    return {
      specversion: '1.0',
      id,
      source: SOURCE,
      type,
      time,
      subject: this.#user,
      dataschema: dataSchemaOf(type, newestVersion(definition)),
      datacontenttype: 'application/json',
      data,
    };
  }
}

const productOf = (random: Random): string => String(5_600_000 + random.below(PRODUCTS) * 101);
