import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import {
  type AddedItem,
  erasureRequested,
  itemAdded,
  itemRemoved,
  orderPurchased,
  type PurchasedOrder,
  pageViewed,
} from '../../../lambdas/systems/profiles/events.ts';
import { profilesProcessor } from '../../../lambdas/systems/profiles/processor.ts';
import { profiles as manifest } from '../../../lambdas/systems/profiles/system.ts';
import type { FinalRow, System, Workload, WorkloadEvent } from '../../support/simulate.ts';

/** The profiles system as it is deployed. */
export const profiles: System = {
  name: manifest.name,
  input: manifest.inputStream,
  processors: [profilesProcessor],
  catalogue,
  check: checkProfiles,
};

/** Recounts from the events what must be true of a profile, without its reducer. */
function* checkProfiles(rows: readonly FinalRow[]): Iterable<string> {
  for (const { key, state, events } of rows) {
    const isErased = events.some(({ type }) => type === erasureRequested.type);
    if (isErased !== (state.status === 'erased')) yield `${key} is ${String(state.status)}, which its events are not`;
    if (isErased) continue;
    const orders = events.filter(({ type }) => type === orderPurchased.type).map(({ data }) => data as PurchasedOrder);
    const spent = sums(orders.map(({ currency, total }) => [currency, total]));
    if (text(state.totalSpend) !== text(spent))
      yield `${key} has spent ${text(state.totalSpend)}, its orders ${text(spent)}`;
    const counts = sums(orders.map(({ currency }) => [currency, 1]));
    if (text(state.orders) !== text(counts)) yield `${key} has ${text(state.orders)} orders, not ${text(counts)}`;
    const times = events.map(({ time }) => new Date(time).toISOString()).sort();
    if (state.firstSeen !== times.at(0)) yield `${key} was first seen ${String(state.firstSeen)}, not ${times.at(0)}`;
    if (state.lastSeen !== times.at(-1)) yield `${key} was last seen ${String(state.lastSeen)}, not ${times.at(-1)}`;
  }
}

function sums(amounts: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const [name, amount] of amounts) totals[name] = (totals[name] ?? 0) + amount;
  return totals;
}

/** JSON with its members in order of their names. */
const text = (totals: unknown): string =>
  JSON.stringify(Object.entries(totals ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));

const USERS = 7;
const PRODUCTS = ['tea', 'cup', 'pot', 'tray'] as const;
const CURRENCIES = ['USD', 'EUR', 'JPY'] as const;

/** About as many visits of a shop as asked for: some users come often, one in a few runs wants to be forgotten. */
export const visits =
  (count: number): Workload =>
  (random) =>
    Array.from({ length: random.whole(Math.ceil(count * 0.7), Math.ceil(count * 1.3)) }, (): WorkloadEvent => {
      const key = `user-${random.chance(0.3) ? 0 : random.whole(0, USERS - 1)}`;
      const productId = random.pick(PRODUCTS);
      const currency = random.pick(CURRENCIES);
      const quantity = random.whole(1, 3);
      const unitPrice = random.whole(100, 5_000);
      const added: AddedItem = { productId, quantity, unitPrice, currency };
      const lines = [{ productId, quantity, unitPrice }];
      const order: PurchasedOrder = {
        orderId: `order-${random.whole(1, 9_999)}`,
        currency,
        total: quantity * unitPrice,
        lines,
      };
      const kind = random.next();
      if (kind < 0.3) return { key, type: pageViewed, data: { productId } };
      if (kind < 0.6) return { key, type: itemAdded, data: added };
      if (kind < 0.65)
        return { key, type: itemAdded, version: 1, data: { productId, quantity, currency, price: '2.50' } };
      if (kind < 0.8) return { key, type: itemRemoved, data: { productId } };
      if (kind < 0.997) return { key, type: orderPurchased, data: order };
      return { key, type: erasureRequested, data: {} };
    });
