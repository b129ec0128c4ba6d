import { decodeIds, encodeIds } from '../../../lambdas/core/ids.ts';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { type Account, accountFor } from '../../../local/chaos/account.ts';
import type { Facts } from '../../../local/chaos/facts.ts';
import { published, runInMemory } from './run-in-memory.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await runInMemory();
});

type Item = Facts['rows'][number];
type Update = Record<string, unknown>;

/** The facts with the first row that knows several events changed, or without it. */
function withRow(change: (item: Item) => Item | undefined): Facts {
  const nth = facts.rows.findIndex((item) => hashesOf(item).length > 1 && item.status === 'active');
  const changed = change(facts.rows[nth] as Item);
  return { ...facts, rows: facts.rows.flatMap((item, at) => (at !== nth ? [item] : changed ? [changed] : [])) };
}

const hashesOf = (item: Item): readonly bigint[] =>
  decodeIds(item[ATTRIBUTES.ids] as Uint8Array).flatMap(({ hashes }) => hashes);

const withHashes = (item: Item, hashes: readonly bigint[]): Item => ({
  ...item,
  [ATTRIBUTES.ids]: encodeIds([{ minute: 29_000_000, hashes }]),
});

/** The facts with the updates changed, put into their stream anew. */
function withUpdates(change: (updates: readonly Update[]) => readonly Update[]): Facts {
  const updates = facts.updates.map(({ data }) => JSON.parse(Buffer.from(data).toString()) as Update);
  const changed = change(updates);
  return {
    ...facts,
    updates: changed.map((update, nth) => published(Buffer.from(JSON.stringify(update)), String(update.subject), nth)),
  };
}

const changeFirst =
  (part: Update) =>
  ([first, ...rest]: readonly Update[]) => [{ ...first, ...part }, ...rest];

/** Of a key with two updates, the second first. */
function swapped(updates: readonly Update[]): readonly Update[] {
  const second = updates.find(({ sequence }) => sequence === '2');
  return [second as Update, ...updates.filter((update) => update !== second)];
}

const garbageIn = ({ sent }: Facts) => sent.filter(({ meaning }) => meaning.kind === 'rejected');

describe('a run in which nothing goes wrong', () => {
  test('has nothing to say against it', () => {
    expect(accountFor(facts).mismatches).toEqual([]);
  });

  test('gives every record one outcome', () => {
    const { sent, records, applied, duplicates, rejected, ...others } = accountFor(facts);
    const events = facts.sent.flatMap(({ meaning }) => (meaning.kind === 'event' ? [meaning.event.id] : []));
    expect({ sent, records }).toEqual({ sent: facts.sent.length, records: facts.sent.length });
    expect(applied).toBe(new Set(events).size);
    expect(duplicates).toBe(events.length - applied);
    expect(duplicates).toBeGreaterThan(10);
    const inQueue = Object.values(rejected).reduce((sum, count) => sum + count, 0);
    expect(inQueue).toBe(garbageIn(facts).length);
    expect(inQueue).toBeGreaterThan(5);
    expect(others).toMatchObject({ onFailure: 0, lost: 0, twice: 0, unaccounted: 0, effects: { missing: 0 } });
  });

  test('stays so if records, letters and updates come more often than once', () => {
    const again = {
      ...facts,
      stream: facts.stream.flatMap((record, nth) => [record, { ...record, sequence: String(10_000 + nth) }]),
      letters: [...facts.letters, ...facts.letters],
    };
    const events = again.stream.length - 2 * garbageIn(facts).length;
    const account = accountFor({ ...again, stream: again.stream.filter(isNoSecondGarbage) });
    expect(account).toMatchObject({ lost: 0, twice: 0, unaccounted: 0, mismatches: [] });
    expect(account.duplicates + account.applied).toBe(events);
    expect(accountFor(withUpdates((updates) => updates.flatMap((update) => [update, update]))).mismatches).toEqual([]);
  });
});

/** A second copy of garbage would need a letter of its own. */
function isNoSecondGarbage({ sequence, data }: Facts['stream'][number]): boolean {
  return Number(sequence) < 10_000 || !garbageIn(facts).some((garbage) => garbage.data === data);
}

type Defect = readonly [string, () => Facts, RegExp, Partial<Account>];

const defects: readonly Defect[] = [
  [
    'an event that its row does not know',
    () => withRow((item) => withHashes(item, hashesOf(item).slice(1))),
    /was accepted, and its row does not know it/,
    { lost: 1, unaccounted: 1 },
  ],
  [
    'an event that its row counts twice',
    () => withRow((item) => withHashes(item, [...hashesOf(item), hashesOf(item)[0] as bigint])),
    /its row counts 1 events more than once/,
    { twice: 1 },
  ],
  [
    'an event in a row that nobody sent',
    () => withRow((item) => withHashes(item, [...hashesOf(item), 1n])),
    /its row knows 1 events that were never accepted/,
    {},
  ],
  [
    'a row that is not what its events make of it',
    () => withRow((item) => ({ ...item, totalSpend: { USD: 1 } })),
    /its row is .*"totalSpend":\{"USD":1\}.* and must be/,
    { lost: 0, twice: 0 },
  ],
  [
    'a row that is missing',
    () => withRow(() => undefined),
    /its row does not know it/,
    { rows: expect.any(Number) as number },
  ],
  [
    'a row for which there is no event',
    () => ({ ...facts, rows: [...facts.rows, { ...(facts.rows[0] as Item), id: 'nobody' }] }),
    /nobody: there is a row, and no event was accepted for it/,
    {},
  ],
  [
    'garbage that is in no queue',
    () => ({ ...facts, letters: facts.letters.slice(1) }),
    /must be rejected as .*, and is in no queue/,
    { unaccounted: 1 },
  ],
  [
    'a good event in the dead-letter queue',
    () => ({
      ...facts,
      letters: facts.letters.map((letter, nth) => (nth === 0 ? { ...letter, sequence: '1000' } : letter)),
    }),
    /rejected as .*, although it is fine/,
    { unaccounted: 1 },
  ],
  [
    'garbage that is rejected for another reason',
    () => ({ ...facts, letters: facts.letters.map((letter) => ({ ...letter, code: 'record.empty' })) }),
    /rejected as record.empty, and not as/,
    {},
  ],
  [
    'a dead letter that holds other bytes',
    () => ({ ...facts, letters: facts.letters.map((letter) => ({ ...letter, payload: 'AAAA' })) }),
    /its dead letter holds other bytes/,
    {},
  ],
  [
    'a record with dead letters under two ids',
    () => ({
      ...facts,
      letters: [...facts.letters, { ...(facts.letters[0] as Facts['letters'][number]), id: 'another' }],
    }),
    /its dead letters have 2 ids/,
    {},
  ],
  [
    'a record in the stream that nobody sent',
    () => ({ ...facts, sent: facts.sent.filter(({ meaning }) => meaning !== garbageIn(facts)[0]?.meaning) }),
    /the stream holds a record that nobody sent/,
    { unaccounted: 1 },
  ],
  [
    'an accepted record that the stream does not hold',
    () => ({ ...facts, stream: facts.stream.filter(({ data }) => data !== garbageIn(facts)[0]?.data) }),
    /was accepted, and is not in the stream: garbage/,
    {},
  ],
  [
    'an update that is missing',
    () => withUpdates((updates) => updates.slice(1)),
    /commit 1 has effects, and published none/,
    { effects: expect.objectContaining({ missing: 1 }) as Account['effects'] },
  ],
  [
    'an update with two contents under one id',
    () => withUpdates((updates) => [...updates, ...changeFirst({ time: '2000-01-01T00:00:00Z' })(updates)]),
    /has two contents/,
    {},
  ],
  [
    'an update that does not say what the commit made',
    () => withUpdates(changeFirst({ data: { status: 'active' } })),
    /says \{"status":"active"\}, and must say/,
    {},
  ],
  ['updates that come in another order', () => withUpdates(swapped), /update 1 comes after update 2/, {}],
  [
    'the update of a commit that has none',
    () => ({
      ...facts,
      commits: new Map([...facts.commits].map(([key, versions]) => [key, new Map(versions).set(1, 'none')])),
    }),
    /commit 1 has no effects, and published one/,
    {},
  ],
  [
    'an update of a version that its row never had',
    () => withUpdates((updates) => updates.map((update) => ({ ...update, sequence: '999' }))),
    /update 999 comes after update 0, and its row has \d+ commits/,
    {},
  ],
  [
    'an update that follows from no event',
    () => withUpdates(changeFirst({ causationid: 'nothing' })),
    /follows from no accepted event/,
    {},
  ],
  ['an update of another epoch', () => withUpdates(changeFirst({ source: 'urn:x:y' })), /is of another epoch/, {}],
  [
    'an update of a key that has no row',
    () => withUpdates(([first, ...rest]) => [{ ...first, subject: 'nobody' }, first as Update, ...rest]),
    /nobody: an update was published, and there is no row/,
    {},
  ],
];

describe('the account notices', () => {
  test.each(defects)('%s', (_, defective, sentence, figures) => {
    const account = accountFor(defective());
    expect(account.mismatches).toContainEqual(expect.stringMatching(sentence));
    expect(account).toMatchObject(figures);
  });

  test('records that Lambda gave up, and does not take them for lost', () => {
    const [first] = facts.stream as [Facts['stream'][number]];
    const document = {
      KinesisBatchInfo: {
        shardId: first.shard,
        startSequenceNumber: first.sequence,
        endSequenceNumber: first.sequence,
      },
    } as Facts['documents'][number];
    const rows = facts.rows.filter(({ id }) => id !== first.partitionKey);
    const account = accountFor({ ...facts, rows, documents: [document] });
    expect(account).toMatchObject({ onFailure: 1, lost: 0 });
    expect(account.mismatches).toContainEqual(expect.stringMatching(/Lambda gave the record up/));
  });
});
