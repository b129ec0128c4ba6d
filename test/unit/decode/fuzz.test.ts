import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { REJECTION_CODES } from '../../../lambdas/core/rejection.ts';
import { type DecodedRecord, decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { recordOf } from '../../support/events.ts';
import { aggregateOf, sealed } from '../../support/kpl.ts';
import { add, settings, view } from './reading.ts';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const batch = json([view(), add()]);

/** Records as producers send them, in every wrapping. */
const good: readonly Buffer[] = [
  json(view()),
  batch,
  gzipSync(batch),
  aggregateOf([
    { partitionKey: 'user-1', data: json(view()) },
    { partitionKey: 'user-1', data: gzipSync(batch) },
  ]),
];

const decode = (data: Uint8Array): DecodedRecord => decodeRecord(recordOf(data), { ...settings, kplProducers: true });

/** Whatever comes in: something comes out, all of it typed, in place, and what is rejected is kept. */
function isAccountedFor(data: Uint8Array): void {
  const { items, bytes } = decode(data);
  expect(items.length).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThanOrEqual(0);
  items.forEach((item, index) => {
    if (item.kind === 'rejected') {
      expect(REJECTION_CODES).toContain(item.cause.code);
      expect(item.payload()).toBeInstanceOf(Uint8Array);
      expect(item.position.index).toBe(index);
    }
    if (item.kind === 'event') expect(item.incoming.position.index).toBe(index);
  });
  const [only] = items;
  // Events of a batch are kept as JSON each; a record or user record as it came.
  if (items.length === 1 && only?.kind === 'rejected' && !isWrapped(data)) {
    expect(Buffer.compare(only.payload(), data)).toBe(0);
  }
}

const isWrapped = (data: Uint8Array): boolean => data[0] === 0xf3 || textOf(data).trimStart().startsWith('[');

function textOf(data: Uint8Array): string {
  try {
    return (data[0] === 0x1f ? gunzipSync(data) : Buffer.from(data)).toString();
  } catch {
    // Damaged gzip: kept as it came, so it is no wrapping.
    return '';
  }
}

const anyBytes = fc.uint8Array({ maxLength: 200 });
/** A good record with some bytes changed, cut out or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...good),
    fc.array(fc.record({ at: fc.nat(), remove: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([bytes, edits]) =>
    edits.reduce((so, { at, remove, insert }) => {
      const start = at % (so.length + 1);
      return Buffer.concat([so.subarray(0, start), insert, so.subarray(start + remove)]);
    }, bytes),
  );

describe('decoding never throws, and accounts for', () => {
  test('any bytes', () => {
    fc.assert(fc.property(anyBytes, isAccountedFor), { numRuns: 500 });
  });

  test('any bytes after the magic of gzip, or of an aggregate', () => {
    const prefixed = (...magic: number[]) => anyBytes.map((rest) => Buffer.concat([Uint8Array.of(...magic), rest]));
    fc.assert(
      fc.property(
        fc.oneof(prefixed(0x1f, 0x8b), prefixed(0x1f, 0x8b, 8, 0), prefixed(0xf3, 0x89, 0x9a, 0xc2)),
        isAccountedFor,
      ),
    );
  });

  test('any message under the right digest', () => {
    fc.assert(fc.property(anyBytes.map(sealed), isAccountedFor), { numRuns: 300 });
  });

  test('damaged messages under the right digest', () => {
    const message = good[3]?.subarray(4, -16) ?? Buffer.alloc(0);
    const damaged = fc
      .tuple(fc.nat(message.length - 1), fc.nat(255))
      .map(([at, byte]) => sealed(message.with(at, byte)));
    fc.assert(fc.property(damaged, isAccountedFor), { numRuns: 300 });
  });

  test('any JSON', () => {
    const document = fc.oneof(
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify([value])),
    );
    fc.assert(
      fc.property(
        document.map((text) => Buffer.from(text)),
        isAccountedFor,
      ),
      { numRuns: 300 },
    );
  });

  test('valid events with any member replaced by anything', () => {
    const member = fc.constantFrom(
      'specversion',
      'id',
      'source',
      'type',
      'time',
      'subject',
      'dataschema',
      'data',
      'recordedtime',
    );
    fc.assert(
      fc.property(member, fc.jsonValue(), (name, value) => isAccountedFor(json({ ...view(), [name]: value }))),
      { numRuns: 300 },
    );
  });

  test('good records, damaged', () => {
    fc.assert(fc.property(mutated, isAccountedFor), { numRuns: 500 });
  });

  test('good records, which stay good after all that', () => {
    for (const data of good) expect(decode(data).items.map(({ kind }) => kind)).not.toContain('rejected');
  });
});

describe('personal data', () => {
  const MARK = 'SECRETSECRETSECRET';
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(MARK, `${MARK}\n    at ${MARK}:1:1`, 7, null),
      fc.dictionary(fc.constantFrom(MARK, 'productId', 'lines', 'x'), tie('any')),
      fc.array(tie('any'), { maxLength: 3 }),
    ),
  })).any;
  const data = fc.dictionary(
    fc.constantFrom('productId', 'quantity', 'price', 'currency', 'lines', 'total', 'path', MARK),
    value,
  );

  test('in data never shows in a rejection', () => {
    const template = fc.constantFrom(
      view(),
      add(),
      { ...add(), dataschema: 'urn:millrace:cart.item-added:1' },
      { ...view(), type: 'order.purchased', dataschema: 'urn:millrace:order.purchased:1' },
    );
    let rejected = 0;
    fc.assert(
      fc.property(template, data, fc.boolean(), (event, data, damage) => {
        const bytes = json({ ...event, data });
        for (const item of decode(damage ? bytes.subarray(0, -1) : bytes).items) {
          if (item.kind !== 'rejected') continue;
          rejected++;
          expect(JSON.stringify(item.cause)).not.toContain(MARK);
          expect(Buffer.from(item.payload()).toString()).toBe(
            bytes.toString('utf8', 0, damage ? bytes.length - 1 : bytes.length),
          );
        }
      }),
      { numRuns: 300 },
    );
    expect(rejected).toBeGreaterThan(100);
  });

  test('in the subject never shows either', () => {
    for (const event of [
      view({ subject: MARK }),
      { ...view({ subject: MARK }), data: 7 },
      { ...view({ subject: MARK }), type: 'no.such' },
    ]) {
      for (const item of decode(json(event)).items) expect(JSON.stringify(item)).not.toContain(MARK);
    }
  });
});
