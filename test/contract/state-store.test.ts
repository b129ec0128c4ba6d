import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoStore } from '../../lambdas/aws/dynamodb-store.ts';
import type { Row } from '../../lambdas/core/row.ts';
import { type StateStore, TransientError } from '../../lambdas/runtime/ports.ts';
import { type LocalAws, localAws } from '../support/aws.ts';
import { memoryStore } from '../support/memory/store.ts';

let aws: LocalAws;
let tables = 0;
beforeAll(async () => {
  aws = await localAws();
});
afterAll(() => aws.stop());
afterEach(() => aws.emulators.setFaultHook());

const signal = new AbortController().signal;

const row = (changes: Partial<Row> = {}): Row => ({
  key: 'user-1',
  version: 1,
  epoch: 'epoch-1',
  schema: 1,
  token: 'token-1',
  marks: {
    'shop:3': {
      sequence: '49590338271490256608559692538361571095921575989136588898',
      index: 2,
      arrival: 1_767_225_600,
    },
  },
  ids: [{ minute: 29_453_760, hashes: [1n, 2n ** 64n - 1n] }],
  outbox: {
    effects: [
      {
        cause: { id: 'e1', source: 'urn:s', time: '2026-01-01T00:00:00Z', traceparent: '00-aa-bb-01' },
        index: 1,
        effect: { kind: 'alert', queue: 'alerts', reason: 'velocity', data: { nested: [1, 'two', null, true] } },
      },
    ],
    commit: { id: 'e1', source: 'urn:s', time: '2026-01-01T00:00:00Z' },
  },
  state: {
    text: 'ü 😀',
    number: -1.5,
    big: 9_007_199_254_740_991,
    none: null,
    list: [1, { a: [] }],
    empty: '',
    map: { USD: 262 },
  },
  ...changes,
});

describe.each<{
  adapter: string;
  create: () => Promise<{ store: StateStore; damage: (key: string) => Promise<void> }>;
}>([
  {
    adapter: 'in memory',
    create: async () => {
      const store = memoryStore();
      return { store, damage: async (key) => store.overwrite(key, { id: key, _v: 'damaged' }) };
    },
  },
  {
    adapter: 'on DynamoDB',
    create: async () => {
      const table = await aws.createTable(`state-${tables++}`);
      return {
        store: dynamoStore(aws.dynamodb, table),
        damage: async (key) => {
          await aws.documents.send(new PutCommand({ TableName: table, Item: { id: key, _v: 'damaged' } }));
        },
      };
    },
  },
])('a state store $adapter', ({ create }) => {
  test('gives back what was committed, to the last bit', async () => {
    const { store } = await create();
    expect(await store.commit(row(), undefined, signal)).toBe('committed');
    expect((await store.read(['user-1'], true, signal)).get('user-1')).toEqual(row());
  });

  test('keeps a row without outbox apart from one with an empty one', async () => {
    const { store } = await create();
    await store.commit(row({ outbox: undefined }), undefined, signal);
    expect((await store.read(['user-1'], true, signal)).get('user-1')).toEqual(row({ outbox: undefined }));
  });

  test('answers for keys without a row', async () => {
    const { store } = await create();
    const found = await store.read(['nobody', 'none'], false, signal);
    expect([...found]).toEqual([
      ['nobody', undefined],
      ['none', undefined],
    ]);
  });

  test('reads more keys than one request takes', async () => {
    const { store } = await create();
    const keys = Array.from({ length: 230 }, (_, n) => `user-${n}`);
    await Promise.all(keys.map((key) => store.commit(row({ key }), undefined, signal)));
    const found = await store.read(keys, true, signal);
    expect(keys.map((key) => (found.get(key) as Row | undefined)?.key)).toEqual(keys);
  });

  test('refuses to create a row that is there', async () => {
    const { store } = await create();
    await store.commit(row(), undefined, signal);
    expect(await store.commit(row({ token: 'other' }), undefined, signal)).toBe('conflict');
    expect((await store.read(['user-1'], true, signal)).get('user-1')).toEqual(row());
  });

  test('replaces a row only over the version that was read', async () => {
    const { store } = await create();
    await store.commit(row(), undefined, signal);
    expect(await store.commit(row({ version: 2, state: { n: 2 } }), row(), signal)).toBe('committed');
    expect(await store.commit(row({ version: 2, state: { n: 3 } }), row(), signal)).toBe('conflict');
    expect((await store.read(['user-1'], true, signal)).get('user-1')).toMatchObject({ version: 2, state: { n: 2 } });
  });

  test('never takes a row for an earlier one of the same key with the same version', async () => {
    const { store } = await create();
    await store.commit(row({ epoch: 'epoch-2' }), undefined, signal);
    expect(await store.commit(row({ version: 2 }), row({ epoch: 'epoch-1' }), signal)).toBe('conflict');
  });

  test('refuses to replace a row that is gone', async () => {
    const { store } = await create();
    expect(await store.commit(row({ version: 2 }), row(), signal)).toBe('conflict');
  });

  test('lets one of two writers win', async () => {
    const { store } = await create();
    await store.commit(row(), undefined, signal);
    const results = await Promise.all(
      ['a', 'b', 'c'].map((token) => store.commit(row({ version: 2, token }), row(), signal)),
    );
    expect(results.toSorted()).toEqual(['committed', 'conflict', 'conflict']);
  });

  test('leaves nothing of the former state behind', async () => {
    const { store } = await create();
    await store.commit(row(), undefined, signal);
    await store.commit(row({ version: 2, state: { status: 'erased' } }), row(), signal);
    expect((await store.read(['user-1'], true, signal)).get('user-1')).toMatchObject({ state: { status: 'erased' } });
    const found = (await store.read(['user-1'], true, signal)).get('user-1') as Row;
    expect(Object.keys(found.state)).toEqual(['status']);
  });

  test('says which row it cannot read, and reads the others', async () => {
    const { store, damage } = await create();
    await store.commit(row(), undefined, signal);
    await damage('broken');
    const found = await store.read(['broken', 'user-1'], true, signal);
    expect(found.get('broken')).toMatchObject({ code: 'state.unreadable', message: expect.stringContaining('_v') });
    expect(found.get('broken')).toBeInstanceOf(TransientError);
    expect(found.get('user-1')).toEqual(row());
  });
});

describe('a state store on DynamoDB in trouble', () => {
  test.each([
    ['throttle', 'store.throttled'],
    ['drop', 'store.unavailable'],
    ['lose-answer', 'store.unavailable'],
  ] as const)('says of a put under %s that its fate is unknown', async (fault, code) => {
    const store = dynamoStore(aws.dynamodb, await aws.createTable(`state-${tables++}`));
    aws.emulators.setFaultHook(({ operation }) => (operation === 'PutItem' ? fault : 'pass'));
    await expect(store.commit(row(), undefined, signal)).rejects.toMatchObject({ name: 'TransientError', code });
    aws.emulators.setFaultHook();
    const landed = (await store.read(['user-1'], true, signal)).get('user-1') !== undefined;
    expect(landed).toBe(fault === 'lose-answer');
  });

  test('stops a put when it is aborted', async () => {
    const store = dynamoStore(aws.dynamodb, await aws.createTable(`state-${tables++}`));
    await expect(store.commit(row(), undefined, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('passes on what it does not recognise, such as a table that is not there', async () => {
    const store = dynamoStore(aws.dynamodb, 'no-such-table');
    await expect(store.commit(row(), undefined, signal)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
