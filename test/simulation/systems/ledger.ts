import * as z from 'zod';
import { catalogueOf, type EventOf } from '../../../lambdas/core/catalogue.ts';
import { type Effect, publish } from '../../../lambdas/core/effect.ts';
import type { CommittedRow, Processor } from '../../../lambdas/core/processor.ts';
import { testEvent } from '../../support/events.ts';
import type { Random } from '../../support/simulate/random.ts';
import type { FinalRow, System, Workload } from '../../support/simulate.ts';

/** Accounts that book amounts: rows that depend on every event and on their order, with effects of every kind and two state versions. */
export const booked = testEvent('ledger.booked', z.object({ amount: z.int() }), { amount: 5 });
/** An account has one entry more. */
export const entryPosted = testEvent(
  'ledger.entry-posted',
  z.object({ account: z.string(), number: z.int(), amount: z.int() }),
  { account: 'a', number: 1, amount: 5 },
);
/** An account as it stands after a commit. */
export const balanceChanged = testEvent(
  'ledger.balance-changed',
  z.object({ account: z.string(), version: z.int(), entries: z.int(), total: z.int(), digest: z.int() }),
  { account: 'a', version: 1, entries: 1, total: 5, digest: 0 },
);

export const ledgerCatalogue = catalogueOf([booked, entryPosted, balanceChanged]);

export const BALANCES = 'balances';

export interface Account {
  readonly entries: number;
  readonly total: number;
  /** Differs as soon as one entry is missing, doubled or out of its place. */
  readonly digest: number;
}

/** State version 2 keeps besides what follows from version 1. */
export interface AccountV2 extends Account {
  readonly standing: 'credit' | 'debit';
}

/** Few groups: their rows hear so much that ids of repeats are forgotten. */
export const groupOf = (account: string): string => `group-${Number(account.slice(-1)) % 2}`;

const chained = (digest: number, amount: number): number => (Math.imul(digest, 0x01000193) + amount) | 0;

const grown = ({ entries, total, digest }: Account, amount: number): Account => ({
  entries: entries + 1,
  total: total + amount,
  digest: chained(digest, amount),
});

function effectsOf(account: string, { entries }: Account, amount: number): readonly Effect[] {
  const effects: Effect[] = [publish(BALANCES, entryPosted, groupOf(account), { account, number: entries, amount })];
  if (entries % 6 === 0) effects.push({ kind: 'alert', queue: 'milestones', reason: 'sixth', data: { entries } });
  if (entries % 7 === 0) {
    effects.push({
      kind: 'row',
      table: 'journal',
      key: `${account}/${entries}`,
      write: { when: 'once' },
      attributes: { amount },
    });
  }
  if (entries % 5 === 0) {
    effects.push({
      kind: 'row',
      table: 'overview',
      key: account,
      write: { when: 'newer', version: entries },
      attributes: { entries },
    });
  }
  return effects;
}

const effectsOfCommit = ({ key, version, state }: CommittedRow<Account>): readonly Effect[] => {
  const { entries, total, digest } = state;
  return [
    publish(BALANCES, balanceChanged, groupOf(key), { account: key, version, entries, total, digest }),
    { kind: 'row', table: 'balances', key, write: { when: 'newer', version }, attributes: { total } },
  ];
};

type Booked = EventOf<typeof booked>;

const NEW: Account = { entries: 0, total: 0, digest: 0 };

const version1: Processor<Account, Booked> = {
  name: 'ledger',
  handles: [booked],
  state: { version: 1, initial: () => NEW, migrations: {} },
  reduce: (account, { subject, data }) => {
    const state = grown(account, data.amount);
    return { state, effects: effectsOf(subject, state, data.amount) };
  },
  effectsOfCommit,
};

const withStanding = (account: Account): AccountV2 => ({
  ...account,
  standing: account.total < 0 ? 'debit' : 'credit',
});

const version2: Processor<AccountV2, Booked> = {
  name: 'ledger',
  handles: [booked],
  state: {
    version: 2,
    initial: () => withStanding(NEW),
    migrations: { 1: (state) => withStanding(state as unknown as Account) },
  },
  reduce: (account, { subject, data }) => {
    const state = grown(account, data.amount);
    return { state: withStanding(state), effects: effectsOf(subject, state, data.amount) };
  },
  effectsOfCommit,
};

/** Recounts a row from the amounts of its events. */
function* check(rows: readonly FinalRow[]): Iterable<string> {
  for (const { key, state, events } of rows) {
    const amounts = events.map(({ data }) => (data as Booked['data']).amount);
    const total = amounts.reduce((sum, amount) => sum + amount, 0);
    if (state.total !== total) yield `account ${key} has ${state.total}, its bookings come to ${total}`;
    if (state.entries !== amounts.length) yield `account ${key} counts ${state.entries} of ${amounts.length} bookings`;
  }
}

export const ledger: System = {
  name: 'ledger',
  input: 'bookings',
  processors: [version1, version2],
  catalogue: ledgerCatalogue,
  check,
};

const ACCOUNTS = 6;

/** About as many bookings as asked for, a third of them on one busy account. */
export const bookings =
  (count: number): Workload =>
  (random: Random) =>
    Array.from({ length: random.whole(Math.ceil(count * 0.7), Math.ceil(count * 1.3)) }, () => ({
      key: `account-${random.chance(0.3) ? 0 : random.whole(0, ACCOUNTS - 1)}`,
      type: booked,
      data: { amount: random.whole(-500, 500) },
    }));
