import { gzipSync } from 'node:zlib';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { isAggregate, userRecords } from '../../../lambdas/runtime/decode/aggregate.ts';
import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { recordOf } from '../../support/events.ts';
import { type Aggregated, aggregatedRecord, aggregateOf, sealed } from '../../support/kpl.ts';
import { codeOf, read, said, view } from './reading.ts';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const of = (user: string, id: string): Aggregated => ({ partitionKey: user, data: bytes(view({ subject: user, id })) });
const kpl = { kplProducers: true };

const three = aggregateOf([of('user-1', 'a'), of('user-2', 'b'), of('user-1', 'c')]);

describe('a KPL aggregate', () => {
  test('gives its user records in order, each under its own key and index', () => {
    const items = read(three, { partitionKey: 'outer' }, kpl);
    expect(items).toMatchObject([
      { kind: 'event', key: 'user-1', incoming: { event: { id: 'a' }, position: { index: 0 } } },
      { kind: 'event', key: 'user-2', incoming: { event: { id: 'b' }, position: { index: 1 } } },
      { kind: 'event', key: 'user-1', incoming: { event: { id: 'c' }, position: { index: 2 } } },
    ]);
  });

  test('counts indexes over batches inside its user records, rejected and ignored events included', () => {
    const batch = [
      view({ id: 'a' }),
      { bad: true },
      { ...view({ id: 'x' }), type: 'profile.updated' },
      view({ id: 'd' }),
    ];
    const parts = [bytes(batch), Buffer.from('no JSON'), gzipSync(bytes([view({ id: 'f' }), view({ id: 'g' })]))];
    const items = read(aggregateOf(parts.map((data) => ({ partitionKey: 'user-1', data }))), {}, kpl);
    expect(said(items)).toEqual(['a', 'event.invalid-envelope', 'ignored', 'd', 'record.not-json', 'f', 'g']);
    const indexOf = items.map((item) =>
      item.kind === 'event' ? item.incoming.position.index : item.kind === 'rejected' ? item.position.index : 'ignored',
    );
    expect(indexOf).toEqual([0, 1, 'ignored', 3, 4, 5, 6]);
  });

  test('keeps of a bad user record that record alone, and applies the others', () => {
    const bad = Uint8Array.of(0xff, 0xfe);
    const items = read(
      aggregateOf([of('user-1', 'a'), { partitionKey: 'user-1', data: bad }, of('user-1', 'c')]),
      {},
      kpl,
    );
    expect(said(items)).toEqual(['a', 'record.invalid-utf8', 'c']);
    expect(items[1]?.kind === 'rejected' && Buffer.compare(items[1].payload(), bad)).toBe(0);
  });

  test.each<[string, Aggregated, string]>([
    ['without bytes', { partitionKey: 'user-1', data: new Uint8Array() }, 'record.empty'],
    ['that is an aggregate itself', { partitionKey: 'user-1', data: three }, 'record.invalid-utf8'],
    ['with a bomb', { partitionKey: 'user-1', data: gzipSync(Buffer.alloc(5 * 1024 * 1024)) }, 'record.gzip-too-large'],
  ])('rejects a user record %s', (_, one, code) => {
    expect(said(read(aggregateOf([one, of('user-1', 'b')]), {}, kpl))).toEqual([code, 'b']);
  });

  test('that expands beyond the bound together is rejected as a whole', () => {
    const data = gzipSync(
      `[${JSON.stringify(view()).slice(0, -1)},"pad":"${'x'.repeat(DECODE_LIMITS.expandedBytes / 3)}"}]`,
    );
    const parts = Array.from({ length: 3 }, () => ({ partitionKey: 'user-1', data }));
    expect(said(read(aggregateOf(parts.slice(1)), {}, kpl))).toHaveLength(2);
    expect(codeOf(aggregateOf(parts), kpl)).toBe('record.gzip-too-large');
  });
});

describe('the keys of an aggregate', () => {
  test('must be those of its events', () => {
    const misfit = { ...of('user-1', 'a'), partitionKey: 'user-2' };
    expect(said(read(aggregateOf([misfit, of('user-2', 'b')]), { partitionKey: 'user-1' }, kpl))).toEqual([
      'event.misrouted',
      'b',
    ]);
  });

  test('must be the outer key on a stream that is not declared to have KPL producers', () => {
    expect(said(read(three, { partitionKey: 'user-1' }))).toEqual(['a', 'event.misrouted', 'c']);
    expect(said(read(three, { partitionKey: 'outer' }))).toEqual([
      'event.misrouted',
      'event.misrouted',
      'event.misrouted',
    ]);
  });

  test('must be there', () => {
    const data = bytes(view());
    expect(codeOf(sealed(aggregatedRecord(['user-1'], [{ keyIndex: 1, data }])), kpl)).toBe('record.aggregate-corrupt');
    expect(codeOf(sealed(aggregatedRecord([], [{ keyIndex: 0, data }])), kpl)).toBe('record.aggregate-corrupt');
    expect(codeOf(sealed(aggregatedRecord(['user-1'], [{ keyIndex: 2 ** 53 - 1, data }])), kpl)).toBe(
      'record.aggregate-corrupt',
    );
  });
});

describe('what is no aggregate', () => {
  test.each<[string, Uint8Array]>([
    ['with a wrong digest', three.with(three.length - 1, (three.at(-1) ?? 0) ^ 1)],
    ['with a changed message', three.with(10, (three[10] ?? 0) ^ 1)],
    ['of the magic alone', three.subarray(0, 4)],
    ['of magic and digest alone', sealed(new Uint8Array())],
  ])('%s is an ordinary record, as the KCL reads it, and then no UTF-8', (_, data) => {
    expect(isAggregate(data)).toBe(false);
    expect(codeOf(data, kpl)).toBe('record.invalid-utf8');
  });

  test('cut short after any byte is an ordinary record, too', () => {
    for (let length = 1; length < three.length; length++) {
      expect([length, codeOf(three.subarray(0, length), kpl)]).toEqual([length, 'record.invalid-utf8']);
    }
  });

  test('without the magic is plain', () => {
    expect(isAggregate(bytes(view()))).toBe(false);
    expect(isAggregate(three.with(3, 0xc3))).toBe(false);
  });
});

describe('an aggregate with a right digest', () => {
  const message = three.subarray(4, -16);

  test.each<[string, Uint8Array]>([
    ['over noise', Buffer.from('what a producer never puts')],
    ['over a message cut short', message.subarray(0, -1)],
    ['over a field that is longer than the message', Uint8Array.of(0x1a, 0x7f, 0x00)],
    ['over field number 0', Uint8Array.of(0x02, 0x00)],
    ['over a group that never ends', Uint8Array.of(0x1b)],
    ['over groups in groups', Buffer.alloc(1024 * 1024 - 20, 0x0b)],
    ['over a key that is no UTF-8', Uint8Array.of(0x0a, 0x01, 0xff)],
    [
      'over a record that is none',
      new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(Uint8Array.of(0x08)).finish(),
    ],
    [
      'over no record at all, which would vanish',
      new BinaryWriter().tag(1, WireType.LengthDelimited).string('user-1').finish(),
    ],
    [
      'over fields that no one knows, which would vanish',
      new BinaryWriter().tag(9, WireType.Varint).uint32(1).finish(),
    ],
  ])('%s is rejected as corrupt, and kept', (_, corrupt) => {
    expect(codeOf(sealed(corrupt), kpl)).toBe('record.aggregate-corrupt');
  });

  test('over a message cut after any byte gives a rejection or the records that are whole', () => {
    for (let length = 1; length < message.length; length++) {
      const outcome = said(read(sealed(message.subarray(0, length)), { partitionKey: 'outer' }, kpl));
      expect([['record.aggregate-corrupt'], ['a'], ['a', 'b']]).toContainEqual(outcome);
    }
  });

  test('skips fields that it does not know', () => {
    const more = new BinaryWriter()
      .tag(2, WireType.LengthDelimited)
      .string('38486495867508399078')
      .tag(15, WireType.Bit32)
      .fixed32(1);
    expect(said(read(sealed(Buffer.concat([more.finish(), message, more.finish()])), {}, kpl))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('skips known fields of a kind that they have not', () => {
    const odd = new BinaryWriter().tag(1, WireType.Varint).uint32(7).tag(3, WireType.Bit32).fixed32(1).finish();
    const event = view();
    const oddRecord = (more: Uint8Array) =>
      new BinaryWriter()
        .tag(3, WireType.LengthDelimited)
        .bytes(Buffer.concat([more, new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(bytes(event)).finish()]))
        .finish();
    const wrongKinds = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .string('9')
      .tag(3, WireType.Varint)
      .uint32(9)
      .tag(2, WireType.Varint)
      .uint32(5)
      .tag(4, WireType.LengthDelimited)
      .string('a tag');
    const key = new BinaryWriter().tag(1, WireType.LengthDelimited).string('user-1').finish();
    const whole = sealed(Buffer.concat([odd, key, oddRecord(wrongKinds.finish())]));
    expect(said(read(whole, { partitionKey: 'user-1' }, kpl))).toEqual([event.id]);
  });

  test('may hold as many events as the bound, and no more', () => {
    const { eventsPerRecord } = DECODE_LIMITS;
    const many = (count: number) =>
      aggregateOf(Array.from({ length: count }, () => ({ partitionKey: 'user-1', data: Buffer.from('7') })));
    expect(read(many(eventsPerRecord), {}, kpl)).toHaveLength(eventsPerRecord);
    expect(codeOf(many(eventsPerRecord + 1), kpl)).toBe('record.too-many-events');
  });

  test('over half a million empty records is refused before they are made', () => {
    const empty = sealed(Buffer.alloc(1024 * 1024 - 20, Uint8Array.of(0x1a, 0x00)));
    expect(codeOf(empty, kpl)).toBe('record.too-many-events');
    const { eventsPerRecord } = DECODE_LIMITS;
    expect(() => userRecords(empty, eventsPerRecord)).toThrow(`more than ${eventsPerRecord} records`);
  });

  test('gives views, not copies: a megabyte stays one', () => {
    const { data } = recordOf(three);
    for (const one of userRecords(data, 3)) expect(one.data.buffer).toBe(data.buffer);
  });
});
