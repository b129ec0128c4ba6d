import * as z from 'zod';
import { catalogueOf, type EventOf, evolve } from '../../../lambdas/core/catalogue.ts';
import { publish } from '../../../lambdas/core/effect.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { eventOf, olderEventOf, testEvent } from '../../support/events.ts';
import { specify } from '../../support/specification.ts';

const deposited = evolve(testEvent('account.deposited', z.object({ euros: z.int() }), { euros: 5 }), {
  schema: z.object({ cents: z.int() }),
  example: { cents: 500 },
  upcast: ({ euros }) => ({ cents: euros * 100 }),
});
/** No one folds this. */
const closed = testEvent('account.closed', z.object({}), {});
const grown = testEvent('account.grown', z.object({ balance: z.int() }), { balance: 500 });
const catalogue = catalogueOf([deposited, closed, grown]);

interface Account {
  readonly balance: number;
  readonly deposits: readonly number[];
}
type Deposit = EventOf<typeof deposited>;

/** Right in every respect; each test below breaks one. */
const account: Processor<Account, Deposit> = {
  name: 'accounts',
  handles: [deposited],
  state: { version: 1, initial: () => ({ balance: 0, deposits: [] }), migrations: {} },
  reduce: ({ balance, deposits }, { data, subject }) => {
    if (data.cents < 0) throw new RangeError('A deposit is positive');
    const sum = balance + data.cents;
    return {
      state: { balance: sum, deposits: [...deposits, data.cents] },
      effects: data.cents === 0 ? [] : [publish('growth', grown, subject, { balance: sum })],
    };
  },
};
const but = (parts: Partial<Processor<Account, Deposit>>): Processor<Account, Deposit> => ({ ...account, ...parts });
const specified = (parts: Partial<Processor<Account, Deposit>> = {}) => specify(but(parts), { catalogue });
const deposit = (cents: number) => eventOf(deposited, { cents });

describe('a specification that holds', () => {
  test('says what the state and the effects are after the events', () => {
    specified()
      .given(deposit(2), deposit(3))
      .when(deposit(5))
      .thenState({ balance: 10 })
      .thenWholeState({ balance: 10, deposits: [2, 3, 5] })
      .thenEffects({ kind: 'publish', stream: 'growth', data: { balance: 10 } });
  });

  test('takes several events as one commit, with the effects of the commit last', () => {
    const effectsOfCommit: typeof account.effectsOfCommit = ({ key, version, state }) => [
      publish('commits', grown, key, { balance: state.balance * 1000 + version }),
    ];
    specified({ effectsOfCommit })
      .given(deposit(1))
      .when(deposit(1), deposit(1))
      .thenEffects({ data: { balance: 2 } }, { data: { balance: 3 } }, { stream: 'commits', data: { balance: 3002 } });
  });

  test('upcasts events of older versions', () => {
    specified()
      .when(olderEventOf(deposited, 1, { euros: 7 }))
      .thenState({ balance: 700 });
  });

  test('migrates a row of older code', () => {
    const migrations = { 1: (state: object) => ({ ...state, deposits: [] }) };
    specified({ state: { ...account.state, version: 2, migrations } })
      .givenState({ balance: 4 }, 1)
      .when(deposit(1))
      .thenWholeState({ balance: 5, deposits: [1] });
  });

  test('knows rejected events, repeats and events without consequence', () => {
    specified().given(deposit(1)).when(deposit(2), deposit(-1)).thenThrows('event.reducer-threw');
    const once = deposit(2);
    specified().given(once).when(once).thenRecognised().changesNothing();
    specified({ reduce: (state) => ({ state }) })
      .when(deposit(1))
      .changesNothing();
  });

  test('knows the event that outgrows a row', () => {
    const reduce: typeof account.reduce = (state, { data }) => ({
      state: { ...state, balance: data.cents, text: 'x'.repeat(data.cents) },
    });
    specified({ reduce }).when(deposit(500_000)).thenThrows('state.too-large');
    specified({ reduce }).when(deposit(400_000)).thenState({ balance: 400_000 });
  });
});

describe('a specification that does not hold fails', () => {
  const deposited3 = () => specified().given(deposit(1)).when(deposit(2));

  test.each<[string, () => unknown, RegExp]>([
    ['on another state', () => deposited3().thenState({ balance: 4 }), /"balance": 4/],
    ['on part of an attribute', () => deposited3().thenState({ deposits: [1] }), /deposits/],
    ['on an attribute that should be absent', () => deposited3().thenState({ balance: undefined }), /balance/],
    [
      'on a further attribute of a whole state',
      () => deposited3().thenWholeState({ balance: 3 } as Account),
      /deposits/,
    ],
    ['on another effect', () => deposited3().thenEffects({ data: { balance: 4 } }), /balance/],
    ['on a missing effect', () => deposited3().thenEffects({ kind: 'publish' }, { kind: 'publish' }), /publish/],
    ['on an effect too many', () => deposited3().thenEffects(), /account\.grown/],
    ['on a change', () => deposited3().changesNothing(), /balance/],
    [
      'on a change of effects alone',
      () =>
        specified({ reduce: (state, event) => ({ ...account.reduce(state, event), state }) })
          .when(deposit(1))
          .changesNothing(),
      /growth/,
    ],
    ['on an event that does not throw', () => deposited3().thenThrows(), /applied/],
    ['on another code', () => specified().when(deposit(-1)).thenThrows('state.too-large'), /reducer-threw/],
    ['on an event that is no repeat', () => deposited3().thenRecognised(), /applied/],
    ['on an event that is rejected', () => specified().when(deposit(-1)).thenState({}), /event\.reducer-threw/],
    ['on a given event that is rejected', () => specified().given(deposit(-1)).when(), /event\.reducer-threw/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });

  test('with what the reducer threw as the cause', () => {
    const run = () => specified().when(deposit(-1)).thenState({});
    expect(run).toThrow(expect.objectContaining({ cause: new RangeError('A deposit is positive') }));
  });
});

describe('whatever is expected, a specification refuses', () => {
  const reduce = (next: (state: Account, event: Deposit) => unknown) =>
    specified({ reduce: (state, event) => ({ state: next(state, event) as Account }) }).when(deposit(1));
  const effect = (effects: readonly object[]) => {
    const made = effects as ReturnType<typeof publish>[];
    specified({ reduce: (state) => ({ state, effects: made }) }).when(deposit(1));
  };
  const published = publish('growth', grown, 'user-1', { balance: 1 });

  test.each<[string, () => unknown, RegExp]>([
    [
      'a reducer that changes the state',
      () => reduce((state) => Object.assign(state, { balance: 1 })),
      /changed what it was given/,
    ],
    [
      'a reducer that changes what the state holds',
      () => reduce((state) => ({ n: (state.deposits as number[]).push(1) })),
      /changed what it was given/,
    ],
    [
      'a reducer that changes the event',
      () => reduce((state, event) => Object.assign(event.data, { cents: 2 }) && state),
      /changed what it was given/,
    ],
    ['a reducer that asks Date.now', () => reduce(() => ({ at: Date.now() })), /not pure/],
    ['a reducer that asks new Date', () => reduce(() => ({ at: new Date().toISOString() })), /not pure/],
    ['a reducer that throws dice', () => reduce(() => ({ at: Math.random() })), /not pure/],
    ['a reducer with a memory', () => reduce(((n) => () => ({ at: n++ }))(0)), /not pure/],
    [
      'a state with a date',
      () => reduce(() => ({ at: { seen: new Date(0) } })),
      /state\.at\.seen is an instance of Date/,
    ],
    ['a state with a function', () => reduce(() => ({ at: () => 1 })), /state\.at is a function/],
    ['a state with a hole in a list', () => reduce(() => ({ list: [1, undefined] })), /state\.list\[1\] is undefined/],
    ['a state with an inexact number', () => reduce(() => ({ sum: 2 ** 53 })), /state\.sum is 9007199254740992/],
    ['a state with no number', () => reduce(() => ({ sum: Number.NaN })), /state\.sum is NaN/],
    ['a state with half a surrogate pair', () => reduce(() => ({ text: '\ud83d' })), /state\.text holds half/],
    [
      'a state deeper than DynamoDB nests',
      () => reduce(() => ({ deep: Array.from({ length: 32 }).reduce((inner) => [inner], [] as unknown) })),
      /deeper than 32 levels/,
    ],
    ['a state with an attribute of the protocol', () => reduce(() => ({ _v: 1 })), /_v is reserved/],
    ['a state with the key attribute', () => reduce(() => ({ id: 'x' })), /id is reserved/],
    [
      'a state that depends on how a batch is cut',
      () => {
        const folded = new WeakSet<object>();
        const cuts: typeof account.reduce = (state) => {
          const next = { ...state, balance: state.balance + (folded.has(state) ? 2 : 1) };
          folded.add(next);
          return { state: next };
        };
        specified({ reduce: cuts }).when(deposit(1), deposit(1));
      },
      /another state/,
    ],
    [
      'an effect of a type in no catalogue',
      () => effect([{ ...published, type: 'account.burst' }]),
      /no type account\.burst/,
    ],
    [
      'an effect of an old version',
      () =>
        effect([
          {
            ...published,
            type: 'account.deposited',
            dataschema: 'urn:millrace:account.deposited:1',
            data: { euros: 1 },
          },
        ]),
      /the newest is urn:millrace:account\.deposited:2/,
    ],
    [
      'an effect whose data break its schema',
      () => effect([{ ...published, data: { balance: 'x' } }]),
      /do not satisfy urn:millrace:account\.grown:1/,
    ],
    [
      'an effect with data that its schema does not know',
      () => effect([{ ...published, data: { balance: 1, more: 1 } }]),
      /does not know/,
    ],
    ['an effect to no one', () => effect([{ ...published, subject: '' }]), /subject/],
    [
      'an effect that cannot be stored',
      () => effect([{ ...published, data: { balance: 1n } }]),
      /publish\.data\.balance is a bigint/,
    ],
    [
      'an effect of a commit that breaks its schema',
      () => specified({ effectsOfCommit: ({ key }) => [{ ...published, subject: key, data: {} }] }).when(deposit(1)),
      /do not satisfy/,
    ],
    [
      'an event whose data break its schema',
      () => specified().when(olderEventOf(deposited, 2, { cents: 'many' })),
      /no valid event: event\.invalid-data.*cents/,
    ],
    [
      'an event of a version that does not exist',
      () => specified().when(olderEventOf(deposited, 3, {})),
      /event\.unknown-version/,
    ],
    [
      'an event that the processor does not fold',
      () => specified().when(eventOf(closed, {})),
      /accounts does not fold account\.closed; it folds account\.deposited/,
    ],
    [
      'events of two keys',
      () =>
        specified()
          .given(deposit(1))
          .when(eventOf(deposited, { cents: 1 }, { subject: 'other' }), deposit(1)),
      /A row has one key/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });

  test.each([
    ['an output stream', { ...published, stream: 'elsewhere' }, /no output stream elsewhere/],
    ['an alert queue', { kind: 'alert', queue: 'pager', reason: 'x', data: {} } as const, /no alert queue pager/],
  ])('%s that the manifest does not list', (_, sent, message) => {
    const processor = but({ reduce: (state) => ({ state, effects: [sent] }) });
    const run = () => specify(processor, { catalogue, manifest: profiles }).when(deposit(1));
    expect(run).toThrow(message);
  });
});
