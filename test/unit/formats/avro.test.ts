import fc from 'fast-check';
import { avroCodec } from '../../../lambdas/runtime/formats/avro.ts';
import { UnusableSchema } from '../../../lambdas/runtime/formats/codec.ts';
import { avroBytes, codeOf, readAvro, readAvroBytes } from './support.ts';

const record = (fields: object): object => ({
  type: 'record',
  name: 'R',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
/** A long as Avro writes it. */
const long = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
};

describe('Avro is read as JSON would have been', () => {
  test.each<[string, object | string, unknown, unknown]>([
    [
      'a record',
      record({ a: 'int', b: 'string', c: 'boolean', d: 'double' }),
      { a: -1, b: 'ü', c: true, d: 1.5 },
      { a: -1, b: 'ü', c: true, d: 1.5 },
    ],
    ['a list', { type: 'array', items: 'long' }, [1, -2, 2 ** 40], [1, -2, 2 ** 40]],
    ['a map', { type: 'map', values: 'int' }, { a: 1 }, { a: 1 }],
    ['an enum', { type: 'enum', name: 'E', symbols: ['P', 'Q'] }, 'Q', 'Q'],
    ['bytes', 'bytes', Buffer.from([0xff, 0]), '/wA='],
    ['fixed bytes', { type: 'fixed', name: 'F', size: 2 }, Buffer.from([1, 2]), 'AQI='],
    ['null in a union', record({ a: ['null', 'string'] }), { a: null }, { a: null }],
    ['a value in a union', record({ a: ['null', 'string', 'int'] }), { a: 'x' }, { a: 'x' }],
    ['a time', { type: 'long', logicalType: 'timestamp-millis' }, 1_793_534_400_001, '2026-11-01T12:00:00.001Z'],
    [
      'a time in microseconds',
      { type: 'long', logicalType: 'timestamp-micros' },
      1_793_534_400_001_999,
      '2026-11-01T12:00:00.001Z',
    ],
    ['a date', { type: 'int', logicalType: 'date' }, 20_758, '2026-11-01'],
    [
      'a decimal',
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
      Buffer.from([0xff, 0x38]),
      '-2.00',
    ],
    ['a small decimal', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, Buffer.from([5]), '0.05'],
    ['a UUID', { type: 'string', logicalType: 'uuid' }, 'a-b', 'a-b'],
  ])('%s', (_, schema, value, expected) => {
    expect(readAvro(schema as never, value)).toEqual(expected);
  });

  test('a union of records, which its branch tells apart', () => {
    const of = (name: string, field: string) => ({ type: 'record', name, fields: [{ name: field, type: 'int' }] });
    const schema = record({ a: [of('A', 'x'), of('B', 'y')] });
    expect(readAvro(schema as never, { a: { B: { y: 2 } } })).toEqual({ a: { y: 2 } });
  });

  test('a recursive schema', () => {
    const tree = record({ v: 'int', next: ['null', 'R'] });
    expect(readAvro(tree as never, { v: 1, next: { v: 2, next: null } })).toEqual({
      v: 1,
      next: { v: 2, next: null },
    });
  });

  test('whatever the data', () => {
    const schema = record({
      n: 'long',
      t: 'string',
      list: { type: 'array', items: ['null', 'string'] },
      map: { type: 'map', values: 'double' },
    });
    const name = fc.string().filter((text) => text !== '__proto__' && text.isWellFormed());
    const data = fc.record({
      n: fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }),
      t: fc.string({ unit: 'grapheme' }),
      list: fc.array(fc.option(fc.string({ unit: 'grapheme' }))),
      map: fc.dictionary(name, fc.double({ noNaN: true }), { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(data, (value) => {
        expect(readAvro(schema as never, value)).toEqual(value);
      }),
    );
  });
});

describe('bytes that do not fit', () => {
  const schema = record({ a: 'string', b: 'int' });
  const good = avroBytes(schema as never, { a: 'text', b: 5 });

  test.each<[string, Uint8Array]>([
    ['are cut', good.subarray(0, -1)],
    ['go on', Buffer.concat([good, Buffer.from([0])])],
    ['are none', Buffer.alloc(0)],
    ['say a negative length', Buffer.from([0x01, 0x02])],
  ])('since they %s are rejected', (_, bytes) => {
    expect(codeOf(() => readAvroBytes(schema as never, bytes))).toBe('record.schema-mismatch');
  });

  test('name a branch or symbol that is not there', () => {
    expect(codeOf(() => readAvroBytes(record({ a: ['null', 'int'] }) as never, Buffer.from([0x08])))).toBe(
      'record.schema-mismatch',
    );
    expect(codeOf(() => readAvroBytes({ type: 'enum', name: 'E', symbols: ['P'] } as never, Buffer.from([0x08])))).toBe(
      'record.schema-mismatch',
    );
  });

  test('whatever they are, are an event or a rejection', () => {
    const codec = avroCodec(
      JSON.stringify(record({ a: { type: 'array', items: ['null', 'R'] }, m: { type: 'map', values: 'bytes' } })),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(codeOf(() => codec.decode(bytes))).toMatch(/^(record\.[a-z-]+|no rejection but .*)$/);
      }),
    );
  });
});

describe('a few bytes cannot ask for much memory', () => {
  const list = (items: unknown, count: bigint) => () =>
    readAvroBytes({ type: 'array', items } as never, Buffer.concat([long(count), Buffer.alloc(8)]));

  test.each<[string, unknown]>([
    ['nulls', 'null'],
    ['empty records', record({})],
    ['integers', 'int'],
  ])('for a list of a thousand million %s', (_, items) => {
    expect(codeOf(list(items, 1_000_000_000n))).toBe('record.schema-mismatch');
    expect(codeOf(list(items, -1_000_000_000n))).toBe('record.schema-mismatch');
  });

  test('for more values than a record may have', () => {
    const bytes = Buffer.concat([long(300_000n), Buffer.alloc(300_001)]);
    expect(codeOf(() => readAvroBytes({ type: 'array', items: 'int' } as never, bytes))).toBe('record.too-many-values');
  });

  test('for a text of a thousand million characters', () => {
    expect(codeOf(() => readAvroBytes('string' as never, Buffer.concat([long(1_000_000_000n), Buffer.alloc(9)])))).toBe(
      'record.schema-mismatch',
    );
  });
});

test.each([2n ** 52n, -(2n ** 52n), 2n ** 63n - 1n, -(2n ** 63n)])(
  'the long %d, which would be read as another one, is rejected',
  (value) => {
    expect(codeOf(() => readAvroBytes('long' as never, long(value)))).toBe('record.inexact-number');
  },
);

test('a map may not have a member called __proto__', () => {
  const bytes = Buffer.concat([long(1n), long(9n), Buffer.from('__proto__'), long(1n), long(0n)]);
  expect(codeOf(() => readAvroBytes({ type: 'map', values: 'int' } as never, bytes))).toBe('record.forbidden-key');
});

test.each(['{', '{"type":"record"}', '"nothing"', 'null'])('%s is no schema', (text) => {
  expect(() => avroCodec(text)).toThrow(UnusableSchema);
});
