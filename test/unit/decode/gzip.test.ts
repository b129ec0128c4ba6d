import { gzipSync } from 'node:zlib';
import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { recordOf } from '../../support/events.ts';
import { codeOf, eventIn, read, rejectionOf, said, settings, view } from './reading.ts';

const json = JSON.stringify(view({ id: 'zipped' }));
const zipped = gzipSync(json);
/** JSON of an event, padded to so many bytes. */
const padded = (bytes: number): string =>
  `${JSON.stringify(view()).slice(0, -1)},"pad":"`.padEnd(bytes - 2, 'x').concat('"}');

describe('a record in gzip', () => {
  test('is read like a plain one', () => {
    expect(eventIn(read(zipped)).event).toEqual(JSON.parse(json));
  });

  test('may be a batch', () => {
    expect(said(read(gzipSync(JSON.stringify([view({ id: 'a' }), view({ id: 'b' })]))))).toEqual(['a', 'b']);
  });

  test('may have several members, which are one text', () => {
    const members = [json.slice(0, 20), json.slice(20)].map((part) => gzipSync(part));
    expect(said(read(Buffer.concat(members)))).toEqual(['zipped']);
  });

  test('may be padded with zeros', () => {
    expect(said(read(Buffer.concat([zipped, Buffer.alloc(7)])))).toEqual(['zipped']);
  });

  test.each<[string, Uint8Array]>([
    ['followed by something else', Buffer.concat([zipped, Buffer.from('{"id":1}')])],
    ['followed by half a member', Buffer.concat([zipped, zipped.subarray(0, 15)])],
    ['with a wrong checksum', zipped.with(zipped.length - 6, (zipped.at(-6) ?? 0) ^ 1)],
    ['with a wrong length', zipped.with(zipped.length - 1, 1)],
    ['of an unknown method', zipped.with(2, 7)],
    ['of two bytes', zipped.subarray(0, 2)],
  ])('%s is rejected as corrupt, and kept', (_, bytes) => {
    expect(codeOf(bytes)).toBe('record.gzip-corrupt');
  });

  test('cut short after any byte is rejected', () => {
    for (let length = 2; length < zipped.length; length++) {
      expect([length, codeOf(zipped.subarray(0, length))]).toEqual([length, 'record.gzip-corrupt']);
    }
  });

  test('damaged in any byte is read as it was, or rejected', () => {
    for (let at = 0; at < zipped.length; at++) {
      const [item] = read(zipped.with(at, (zipped[at] ?? 0) ^ 0x55));
      if (item?.kind === 'event') expect(item.incoming.event).toEqual(JSON.parse(json));
      else expect(item?.kind).toBe('rejected');
    }
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', gzipSync(''), 'record.not-json'],
    ['no JSON', gzipSync('tea'), 'record.not-json'],
    ['no UTF-8', gzipSync(Uint8Array.of(0x22, 0xff, 0x22)), 'record.invalid-utf8'],
    ['another gzip', gzipSync(zipped), 'record.invalid-utf8'],
    ['nothing but opening brackets', gzipSync('['.repeat(100_000)), 'record.not-json'],
  ])('that holds %s is rejected', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });
});

describe('a gzip bomb', () => {
  const { expandedBytes } = DECODE_LIMITS;

  test('is rejected at the first byte beyond the bound, and kept as it came', () => {
    const most = gzipSync(padded(expandedBytes));
    expect(read(most)[0]?.kind).toBe('event');
    expect(codeOf(gzipSync(padded(expandedBytes + 1)))).toBe('record.gzip-too-large');
  });

  test('is not expanded to see how far it goes', () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 1 });
    const before = process.memoryUsage().arrayBuffers;
    const { cause } = rejectionOf(bomb);
    expect(cause).toMatchObject({
      code: 'record.gzip-too-large',
      message: expect.stringContaining(String(expandedBytes)),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024);
  });

  test('over several members is one all the same', () => {
    const members = Array.from({ length: 5 }, () => gzipSync(Buffer.alloc(1024 * 1024, 0x20)));
    expect(codeOf(Buffer.concat(members))).toBe('record.gzip-too-large');
  });

  test('is counted by what it takes in memory, so that a batch can be cut', () => {
    const { bytes } = decodeRecord(recordOf(gzipSync(padded(100_000))), settings);
    expect(bytes).toBe(100_000);
  });
});
