import fc from 'fast-check';
import { UnusableSchema } from '../../../lambdas/runtime/formats/codec.ts';
import { protobufCodec } from '../../../lambdas/runtime/formats/protobuf.ts';
import { codeOf, protobufBytes, readProtobuf } from './support.ts';

const head = 'syntax = "proto3"; package shop;';
const text = `${head} import "google/protobuf/timestamp.proto";
message Added {
  string product_id = 1; int64 units = 2; optional string session = 3; repeated Line lines = 4; map<string, int32> counts = 5;
  google.protobuf.Timestamp at = 6; oneof who { string user = 7; Line line = 8; } Kind kind = 9; bytes raw = 10; bool gift = 11;
}
message Line { double price = 1; }
enum Kind { UNKNOWN = 0; GOOD = 1; }`;
/** .shop.Added, .shop.Added.CountsEntry, .shop.Line: the order of their names. */
const read = (value: object) => readProtobuf(text, 'shop.Added', value) as Record<string, unknown>;

describe('Protobuf is read as JSON would have been', () => {
  test.each<[string, object, object]>([
    ['texts, under the names of the file', { product_id: 'mug' }, { product_id: 'mug' }],
    ['integers of 64 bits', { units: 2 ** 40 }, { units: 2 ** 40 }],
    ['integers beyond what a number holds, as text', { units: '9007199254740993' }, { units: '9007199254740993' }],
    ['messages in lists', { lines: [{ price: 1.5 }, {}] }, { lines: [{ price: 1.5 }, { price: 0 }] }],
    ['maps', { counts: { a: 1 } }, { counts: { a: 1 } }],
    ['times', { at: { seconds: 1_793_534_400, nanos: 1_999_999 } }, { at: '2026-11-01T12:00:00.001Z' }],
    ['enums', { kind: 1 }, { kind: 'GOOD' }],
    ['enums that the file does not know', { kind: 7 }, { kind: 7 }],
    ['bytes', { raw: Buffer.from([0xff, 0]) }, { raw: '/wA=' }],
    ['the one of several that is there', { user: 'anna' }, { user: 'anna' }],
  ])('%s', (_, value, expected) => {
    expect(read(value)).toMatchObject(expected);
  });

  test('fields that are not on the wire are their default, or missing if their absence means something', () => {
    expect(read({})).toEqual({
      product_id: '',
      units: 0,
      lines: [],
      counts: {},
      kind: 'UNKNOWN',
      raw: '',
      gift: false,
    });
    expect(read({ session: '' })).toMatchObject({ session: '' });
  });

  test('whatever the data', () => {
    const data = fc.record({
      product_id: fc.string({ unit: 'grapheme' }),
      units: fc.maxSafeInteger(),
      lines: fc.array(fc.record({ price: fc.double({ noNaN: true, noDefaultInfinity: true }) })),
      counts: fc.dictionary(fc.stringMatching(/^[a-z]{0,4}$/), fc.integer(), { noNullPrototype: true }),
      gift: fc.boolean(),
    });
    fc.assert(fc.property(data, (value) => expect(read(value)).toMatchObject(value)));
  });

  test('proto2, in which fields have presence', () => {
    const proto2 =
      'syntax = "proto2"; message A { required int32 a = 1; optional string b = 2; optional int32 c = 3 [default = 5]; }';
    expect(readProtobuf(proto2, 'A', { a: 0 })).toEqual({ a: 0 });
  });
});

describe('the index before the message', () => {
  // The example of MessageIndexFinder, in which types are numbered in the order of their full names.
  const nested = `${head} message B { message C { int32 c = 1; } message A { int32 a = 1; message D { int32 d = 1; } } int32 b = 1; }`;
  test.each([
    [0, 'shop.B', { b: 5 }],
    [1, 'shop.B.A', { a: 5 }],
    [2, 'shop.B.A.D', { d: 5 }],
    [3, 'shop.B.C', { c: 5 }],
  ])('%d names %s', (index, message, value) => {
    expect(readProtobuf(nested, message, value, index)).toEqual(value);
  });

  test('counts the entries of maps, which are messages to the compiler', () => {
    expect(readProtobuf(text, 'shop.Line', { price: 2.5 }, 2)).toEqual({ price: 2.5 });
    expect(codeOf(() => readProtobuf(text, 'shop.Line', { price: 2.5 }, 1))).toBe('record.schema-mismatch');
  });

  test('that names nothing is rejected', () => {
    expect(codeOf(() => readProtobuf(text, 'shop.Line', {}, 9))).toBe('record.schema-mismatch');
  });
});

describe('bytes that do not fit', () => {
  const codec = protobufCodec(text);
  const good = protobufBytes(text, 'shop.Added', { product_id: 'mug', lines: [{ price: 1 }] });

  test.each<[string, Uint8Array]>([
    ['are cut', good.subarray(0, -1)],
    ['are none', Buffer.alloc(0)],
    ['nest too deep', Buffer.from([0, ...Array.from({ length: 40 }, () => [0x22, 0x7f]).flat()])],
  ])('since they %s are rejected', (_, bytes) => {
    expect(codeOf(() => codec.decode(bytes))).toBe('record.schema-mismatch');
  });

  test('whatever they are, are an event or a rejection', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(codeOf(() => codec.decode(Buffer.from([0, ...bytes])))).toMatch(
          /^(record\.[a-z-]+|no rejection but .*)$/,
        );
      }),
    );
  });

  test('are bounded in what they may become', () => {
    // Two bytes a line, each of which becomes an object.
    const lines = Buffer.alloc(2 * 600_000, Buffer.from([0x22, 0x00]));
    expect(codeOf(() => codec.decode(Buffer.concat([Buffer.from([0]), lines])))).toBe('record.too-many-values');
  });
});

test('fields that the file does not know are left out', () => {
  const newer = `${head} message Line { double price = 1; string note = 2; }`;
  const older = protobufCodec(`${head} message Line { double price = 1; }`);
  expect(older.decode(protobufBytes(newer, 'shop.Line', { price: 1.5, note: 'x' }))).toEqual({ price: 1.5 });
});

test('a map may not have a member called __proto__', () => {
  // Field 5, an entry: key (1) and value (2).
  const entry = Buffer.from([0x0a, 9, ...Buffer.from('__proto__'), 0x10, 1]);
  const bytes = Buffer.concat([Buffer.from([0, 0x2a, entry.length]), entry]);
  expect(codeOf(() => protobufCodec(text).decode(bytes))).toBe('record.forbidden-key');
});

test.each([
  ['is no .proto file', 'message {'],
  ['imports what is not at hand', `${head} import "other.proto"; message A { other.B b = 1; }`],
  ['names a type that is nowhere', `${head} message A { Nowhere a = 1; }`],
])('a text that %s is no schema', (_, broken) => {
  expect(() => protobufCodec(broken)).toThrow(UnusableSchema);
});
