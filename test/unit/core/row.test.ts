import fc from 'fast-check';
import type { Cause, Effect, RowEffect } from '../../../lambdas/core/effect.ts';
import type { Candidate } from '../../../lambdas/core/fold.ts';
import { encodeIds } from '../../../lambdas/core/ids.ts';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { ReservedAttribute } from '../../../lambdas/core/reserved-attribute.ts';
import { fromAttributes, outboxOf, type Row, toAttributes, UnreadableRow } from '../../../lambdas/core/row.ts';

const cause: Cause = { id: 'e1', source: 'urn:shop', time: '2026-11-01T12:00:00Z' };
const traced: Cause = { ...cause, traceparent: '00-1-2-01' };
const published: Effect = {
  kind: 'publish',
  stream: 'out',
  type: 't',
  dataschema: 'urn:millrace:t:1',
  subject: 's',
  data: { n: 1 },
};

const row: Row = {
  key: 'user-1',
  version: 3,
  epoch: 'epoch-1',
  schema: 1,
  token: 'token-1',
  marks: {
    'shop:3': {
      sequence: '49590338271490256608559692538361571095921575989136588898',
      index: 2,
      arrival: 1_700_000_000,
    },
  },
  ids: [{ minute: 28_333_333, hashes: [1n, 2n ** 64n - 1n] }],
  outbox: { effects: [{ cause: traced, index: 0, effect: published }], commit: cause },
  state: { status: 'active', nested: { list: [1, 'two', null] } },
};

describe('a stored row', () => {
  test('has the state as plain attributes beside those of the protocol', () => {
    const item = toAttributes(row);
    expect(item).toMatchObject({ id: 'user-1', _v: 3, _s: 1, _tx: 'token-1', _e: 'epoch-1', ...row.state });
    expect(Object.keys(item).sort()).toEqual([...Object.values(ATTRIBUTES), 'nested', 'status'].sort());
  });

  test('without effects has no outbox attribute', () => {
    const { outbox: _, ...rest } = row;
    expect(toAttributes({ ...rest, outbox: undefined })).not.toHaveProperty(ATTRIBUTES.outbox);
    expect(fromAttributes(toAttributes({ ...rest, outbox: undefined })).outbox).toBeUndefined();
  });

  const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((one) => one.isWellFormed());
  const name = text.filter((one) => !one.startsWith('_') && one !== 'id' && one !== 'version');
  const anyCause = fc.record(
    { id: text, source: text, time: text, traceparent: text },
    { requiredKeys: ['id', 'source', 'time'] },
  );
  const anyEffect: fc.Arbitrary<Effect> = fc.oneof(
    fc.record({
      kind: fc.constant('publish' as const),
      stream: text,
      type: text,
      dataschema: text,
      subject: text,
      data: fc.dictionary(name, fc.jsonValue()),
    }),
    fc.record({
      kind: fc.constant('alert' as const),
      queue: text,
      reason: text,
      data: fc.dictionary(name, fc.jsonValue()),
    }),
    fc.record({
      kind: fc.constant('row' as const),
      table: text,
      key: text,
      write: fc.oneof(
        fc.constant({ when: 'once' } as const),
        fc.record({ when: fc.constant('newer' as const), version: fc.nat() }),
      ),
      attributes: fc.dictionary(name, fc.jsonValue()),
    }),
  );
  const pending = fc.record({ cause: anyCause, index: fc.nat(), effect: anyEffect });
  const anyRow: fc.Arbitrary<Row> = fc.record({
    key: text,
    version: fc.integer({ min: 1 }),
    epoch: text,
    schema: fc.integer({ min: 1 }),
    token: text,
    marks: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}:\d{1,3}$/),
      fc.record({ sequence: fc.stringMatching(/^(0|[1-9]\d{0,55})$/), index: fc.nat(10_000), arrival: fc.nat() }),
      { maxKeys: 4 },
    ),
    ids: fc.array(
      fc.record({
        minute: fc.nat(2 ** 32 - 1),
        hashes: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 5 }),
      }),
      { maxLength: 3 },
    ),
    outbox: fc.option(
      fc.record({ effects: fc.array(pending, { maxLength: 3 }), commit: anyCause }, { requiredKeys: ['effects'] }),
      { nil: undefined },
    ),
    state: fc.dictionary(name, fc.jsonValue()),
  });

  test('reads back as what was written', () => {
    fc.assert(
      fc.property(anyRow, (one) => {
        expect(fromAttributes(toAttributes(one))).toEqual(one);
      }),
    );
  });
});

describe('the time of a cause', () => {
  const timed = (time: string): Row => ({ ...row, outbox: { effects: [], commit: { ...cause, time } } });
  const stored = (time: string): unknown => (toAttributes(timed(time))[ATTRIBUTES.outbox] as { c: unknown[] }).c[2];

  test('is a number if it reads as Date writes it', () => {
    expect(stored('2026-11-01T12:00:00.250Z')).toBe(Date.parse('2026-11-01T12:00:00.250Z'));
    expect(stored('1969-12-31T23:59:59.999Z')).toBe(-1);
  });

  test.each(['2026-11-01T12:00:00Z', '2026-11-01T13:00:00.250+01:00', '2026-11-01T12:00:00.25Z', 'noon', ''])(
    'stays as it is if it reads %j',
    (time) => {
      expect(stored(time)).toBe(time);
    },
  );

  test('reads back as what was written', () => {
    const instant = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    fc.assert(
      fc.property(fc.oneof(instant, fc.string({ maxLength: 30 })), (time) => {
        expect(fromAttributes(toAttributes(timed(time)))).toEqual(timed(time));
      }),
    );
  });
});

describe('a state', () => {
  test.each(['_v', '_out', '_anything', '_', '__proto__', 'id'])('may not have an attribute %s', (reserved) => {
    const state = Object.defineProperty({}, reserved, { value: 1, enumerable: true });
    expect(() => toAttributes({ ...row, state })).toThrow(ReservedAttribute);
    expect(() => toAttributes({ ...row, state })).toThrow(`State attribute ${reserved} is reserved`);
  });

  test.each(['ID', 'v', 'a_', 'identity'])('may have an attribute %s', (name) => {
    expect(fromAttributes(toAttributes({ ...row, state: { [name]: 1 } })).state).toEqual({ [name]: 1 });
  });
});

describe('a row effect', () => {
  const writing = (write: RowEffect['write'], name: string): Row => {
    const effect: RowEffect = { kind: 'row', table: 'view', key: 'k', write, attributes: { [name]: 1 } };
    return { ...row, outbox: { effects: [{ cause, index: 0, effect }] } };
  };
  const journal = { when: 'once' } as const;
  const view = { when: 'newer', version: 1 } as const;

  test.each([
    ['a journal', journal, '_trace'],
    ['a journal', journal, '_cause'],
    ['a journal', journal, '_mine'],
    ['a journal', journal, 'id'],
    ['a view', view, '_trace'],
    ['a view', view, 'id'],
    ['a view', view, 'version'],
  ])('into %s, %j, may not have an attribute %s', (_, write, name) => {
    const attempted = () => toAttributes(writing(write, name));
    expect(attempted).toThrow(ReservedAttribute);
    expect(attempted).toThrow(`Row effect on view: attribute ${name} is reserved`);
  });

  test.each([
    ['a journal', journal, 'version'],
    ['a journal', journal, 'cause'],
    ['a view', view, 'trace'],
  ])('into %s, %j, may have an attribute %s', (_, write, name) => {
    const one = writing(write, name);
    expect(fromAttributes(toAttributes(one))).toEqual(one);
  });
});

describe('a damaged row is unreadable, and says by which attribute', () => {
  const item = toAttributes(row);
  const [, , effect] = (item[ATTRIBUTES.outbox] as { e: unknown[][] }).e[0] ?? [];

  test.each<[string, unknown]>([
    ['id', undefined],
    ['id', 7],
    ['_v', undefined],
    ['_v', '3'],
    ['_v', 1.5],
    ['_v', 0],
    ['_v', -1],
    ['_v', 2 ** 53],
    ['_e', undefined],
    ['_e', 1],
    ['_s', undefined],
    ['_s', 'one'],
    ['_s', 0],
    ['_tx', undefined],
    ['_tx', null],
    ['_pos', undefined],
    ['_pos', 'shop:3'],
    ['_pos', []],
    ['_pos', { 'shop:3': 5 }],
    ['_pos', { 'shop:3': '1/2/3' }],
    ['_pos', { 'shop:3': new Uint8Array() }],
    ['_pos', { 'shop:3': Uint8Array.of(1, 2) }],
    ['_pos', { 'shop:3': Uint8Array.of(1, 0x80) }],
    ['_ids', undefined],
    ['_ids', 'AAAA'],
    ['_ids', encodeIds(row.ids).subarray(0, -1)],
    ['_out', null],
    ['_out', []],
    ['_out', new Uint8Array(2)],
    ['_out', { e: {} }],
    ['_out', { e: [7] }],
    ['_out', { e: [[['a', 'b', 'c'], 0]] }],
    ['_out', { e: [[['a', 'b', 'c'], 'first', effect]] }],
    ['_out', { e: [[['a', 'b', 'c'], 0, 'publish']] }],
    ['_out', { e: [[['a', 'b', 'c'], 0, { kind: 'burn' }]] }],
    ['_out', { e: [[['a', 'b'], 0, effect]] }],
    ['_out', { e: [[['a', 7, 'c'], 0, effect]] }],
    ['_out', { e: [[['a', 'b', 1e17], 0, effect]] }],
    ['_out', { e: [[['a', 'b', true], 0, effect]] }],
    ['_out', { e: [[['a', 'b', 'c', null], 0, effect]] }],
    ['_out', { e: [[['a', 'b', 'c', 7], 0, effect]] }],
    ['_out', { c: 'event-1' }],
    ['_out', { c: [] }],
    ['_out', { c: ['a', 'b'] }],
  ])('%s: %j', (name, value) => {
    const damaged = { ...item, [name]: value };
    expect(() => fromAttributes(damaged)).toThrow(UnreadableRow);
    expect(() => fromAttributes(damaged)).toThrow(new RegExp(`cannot be read: ${name} .*Restore it`));
  });
});

describe('the outbox of a commit', () => {
  const candidate = (parts: Partial<Candidate<object>>): Candidate<object> => ({
    version: 1,
    state: {},
    marks: {},
    ids: [],
    effects: [],
    ...parts,
  });
  const effects = [{ cause, index: 0, effect: published }];

  test.each<[string, Partial<Candidate<object>>, boolean, unknown]>([
    ['is absent without effects', { cause }, false, undefined],
    ['holds the effects of its events', { cause, effects }, false, { effects }],
    ['marks the last event if the commit itself has effects', { cause, effects }, true, { effects, commit: cause }],
    ['holds that mark alone if events have no effects', { cause }, true, { effects: [], commit: cause }],
    ['is absent if nothing was applied', {}, true, undefined],
  ])('%s', (_, parts, perCommit, outbox) => {
    expect(outboxOf(candidate(parts), perCommit)).toEqual(outbox);
  });
});
