import type { EventOf } from '../../../lambdas/core/catalogue.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import type { FinalRow, System } from '../../support/simulate.ts';
import { BALANCES, balanceChanged, entryPosted, groupOf, ledgerCatalogue } from './ledger.ts';

interface Member {
  readonly version: number;
  readonly entries: number;
  readonly total: number;
  readonly digest: number;
  /** The highest number of an entry that was posted. */
  readonly posted: number;
}

/** The accounts of a group, by name. */
export interface Group {
  readonly members: Readonly<Record<string, Member>>;
}

const UNKNOWN: Member = { version: 0, entries: 0, total: 0, digest: 0, posted: 0 };

/**
 * The second hop: what accounts say of themselves, merged by group. A repeat may come hours late, when no id is remembered any more, so the
 * state merges idempotently: the highest version of each account wins.
 */
const processor: Processor<Group, EventOf<typeof balanceChanged | typeof entryPosted>> = {
  name: 'totals',
  handles: [balanceChanged, entryPosted],
  state: { version: 1, initial: () => ({ members: {} }), migrations: {} },
  reduce: ({ members }, event) => {
    const { account } = event.data;
    const member = members[account] ?? UNKNOWN;
    return { state: { members: { ...members, [account]: merged(member, event) } } };
  },
};

function merged(member: Member, event: EventOf<typeof balanceChanged | typeof entryPosted>): Member {
  if (event.type === 'ledger.entry-posted') return { ...member, posted: Math.max(member.posted, event.data.number) };
  const { version, entries, total, digest } = event.data;
  return version > member.version ? { ...member, version, entries, total, digest } : member;
}

/** The downstream rows against the upstream ones, account by account. */
function* check(rows: readonly FinalRow[], rowsOf: (system: string) => readonly FinalRow[]): Iterable<string> {
  const groups = new Map(rows.map((row) => [row.key, row]));
  for (const { key: account, version, state } of rowsOf('ledger')) {
    const name = groupOf(account);
    const group = groups.get(name);
    if (group?.gaps) continue;
    const { members = {} } = (group?.state ?? {}) as Partial<Group>;
    const member = members[account] ?? UNKNOWN;
    // A commit that only passes a repeat says nothing, so the last that did may be an earlier one.
    if (member.version > version) yield `${name} has version ${member.version} of ${account}, which has ${version}`;
    const said = { entries: state.entries, total: state.total, digest: state.digest };
    for (const [what, value] of Object.entries(said)) {
      const heard = member[what as keyof Member];
      if (heard !== value) yield `${name} has ${what} ${heard} of ${account}, which has ${String(value)}`;
    }
    if (member.posted !== state.entries) {
      yield `${name} has heard of entry ${member.posted} of ${account}, which has ${String(state.entries)}`;
    }
  }
}

export const totals: System = {
  name: 'totals',
  input: BALANCES,
  processors: [processor],
  catalogue: ledgerCatalogue,
  repeats: 'harmless',
  check,
};
