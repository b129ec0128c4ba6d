import { gzipSync } from 'node:zlib';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { aggregatedRecord, aggregateOf, sealed } from '../../support/kpl.ts';
import { odd, rejectionOf, view } from './reading.ts';

const event = JSON.stringify(view());
const withMember = (member: string): Buffer => Buffer.from(`${event.slice(0, -1)},${member}}`);
const kpl = { kplProducers: true };
const user = { partitionKey: 'user-1', data: Buffer.from(event) };
const third = gzipSync(event.padEnd(DECODE_LIMITS.expandedBytes / 2));

/** Who looks into the dead-letter queue reads these. None quotes the record. */
test.each<[string, unknown]>([
  ['record.empty: The record has no bytes', Buffer.of()],
  ['record.gzip-corrupt: The gzip stream is damaged or cut short', Buffer.of(0x1f, 0x8b, 1)],
  ['record.invalid-utf8: The bytes are no UTF-8', Buffer.of(0x1f, 0x80)],
  ['record.invalid-utf8: The bytes are no UTF-8', Buffer.of(0x20, 0x8b)],
  ['record.invalid-utf8: A string holds half a surrogate pair', withMember('"x":"\\ud83d"')],
  ['record.not-json: The text is no JSON', Buffer.from('SECRET')],
  ['record.forbidden-key: A member is called __proto__', withMember('"__proto__":1')],
  [
    'record.inexact-number: A number cannot be kept exactly: send identifiers and large numbers as text',
    withMember('"x":9007199254740993'),
  ],
  [
    `record.too-deep: JSON nested deeper than ${DECODE_LIMITS.depth} levels`,
    Buffer.from(`${'['.repeat(30)}${']'.repeat(30)}`),
  ],
  [
    `record.too-many-values: More than ${DECODE_LIMITS.valuesPerRecord} JSON values in one record`,
    Buffer.from(`[${'0,'.repeat(DECODE_LIMITS.valuesPerRecord)}0]`),
  ],
  [
    `record.too-many-events: More than ${DECODE_LIMITS.eventsPerRecord} events in one record`,
    Buffer.from(`[${'0,'.repeat(DECODE_LIMITS.eventsPerRecord)}0]`),
  ],
  ['event.invalid-envelope: The CloudEvents batch holds no event', []],
  ['event.invalid-envelope: No CloudEvent as Millrace wants it', {}],
  [
    'event.misrouted: The subject is not the partition key of its record: set the partition key to the subject',
    odd({ subject: 'user-2' }),
  ],
  [
    'record.aggregate-corrupt: KPL aggregate with a right digest, but its protobuf message cannot be read',
    sealed(Buffer.from('noise')),
  ],
  [
    'record.aggregate-corrupt: KPL aggregate with a right digest, but it holds no record',
    sealed(new BinaryWriter().tag(1, WireType.LengthDelimited).string('user-1').finish()),
  ],
  [
    'record.aggregate-corrupt: KPL aggregate with a right digest, but a record names a partition key that is not there',
    sealed(aggregatedRecord(['user-1'], [{ keyIndex: 1, data: user.data }])),
  ],
  [
    `record.gzip-too-large: Its user records expand to more than ${DECODE_LIMITS.expandedBytes} bytes together`,
    aggregateOf([{ ...user, data: third }, { ...user, data: third }, user]),
  ],
])('%s', (expected, payload) => {
  const { code, message } = rejectionOf(payload, { partitionKey: 'user-1' }, kpl).cause;
  expect(`${code}: ${message}`).toBe(expected);
});

test('the type of an event is a detail of its rejection', () => {
  for (const part of [{ dataschema: 'urn:millrace:page.viewed:9' }, { time: '2126-01-01T00:00:00Z' }]) {
    expect(rejectionOf(odd(part)).cause.details).toMatchObject({ type: 'page.viewed' });
  }
});
