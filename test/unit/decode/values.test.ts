import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { inspectValue, Undecodable } from '../../../lambdas/runtime/decode/payload.ts';
import { decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { recordOf } from '../../support/events.ts';
import { aggregateOf } from '../../support/kpl.ts';
import { codeOf, read, rejectionOf, settings, view } from './reading.ts';

const { valuesPerRecord, bytesPerValue, expandedBytes } = DECODE_LIMITS;
const event = JSON.stringify(view());
/** The values of the event itself, and the list that is added to it. */
const OWN = Object.keys(view()).length + 1 + 1 + 1;
/** An event with a list of so many elements, gzipped: small bytes, many values. */
const listOf = (count: number, element: (n: number) => string = () => '0'): Buffer =>
  gzipSync(`${event.slice(0, -1)},"list":[${Array.from({ length: count }, (_, n) => element(n)).join(',')}]}`);

describe('JSON of many small values', () => {
  test('may hold as many as the bound, and no more', () => {
    expect(read(listOf(valuesPerRecord - OWN))[0]?.kind).toBe('event');
    expect(codeOf(listOf(valuesPerRecord - OWN + 1))).toBe('record.too-many-values');
  });

  // Each of these is longer than twice the bound, so it is counted before it is parsed, and again after.
  test.each<[string, number, (n: number) => string]>([
    ['numbers', valuesPerRecord - OWN, () => '0.125'],
    ['empty lists', valuesPerRecord - OWN, () => '[    ]'],
    ['empty objects', valuesPerRecord - OWN, () => '{\n\t}'],
    ['lists of one', (valuesPerRecord - OWN - 1) / 2, () => '[    1]'],
    ['objects of one', (valuesPerRecord - OWN - 1) / 2, (n) => `{ "${n}" : null}`],
    ['texts full of commas, brackets and quotes', 20_000, () => '"[,[,[,{\\"a,b\\":[1,2,3,4,5],\\\\"'],
    ['texts that end in a backslash', 100_000, () => '"\\\\", "\\\\\\", []"'],
  ])('are counted right before they are parsed: %s', (_, count, element) => {
    expect(read(listOf(Math.floor(count), element))[0]?.kind).toBe('event');
  });

  test.each<[string, number, (n: number) => string]>([
    ['numbers', valuesPerRecord, () => '0.125'],
    ['empty objects', valuesPerRecord, () => '{\n\t}'],
    ['lists of one', valuesPerRecord / 2, () => '[    1]'],
  ])('are too many before they are parsed: %s', (_, count, element) => {
    expect(codeOf(listOf(count, element))).toBe('record.too-many-values');
  });

  /** The same, damaged after its last value: parsing it finds that it is no JSON, counting its values does not. */
  const damaged = (count: number, element: (n: number) => string): Buffer =>
    gzipSync(`${gunzipSync(listOf(count, element))}!`);

  test.each<[string, number, (n: number) => string]>([
    ['numbers', valuesPerRecord - OWN, () => '0.125'],
    ['empty lists', valuesPerRecord - OWN, () => '[ \t]'],
    ['empty objects', valuesPerRecord - OWN, () => '{\n\t}'],
    ['lists of one', Math.floor((valuesPerRecord - OWN) / 2), () => '[    1]'],
    ['objects of one', Math.floor((valuesPerRecord - OWN) / 2), (n) => `{ "${n}" : null}`],
  ])('are refused without being parsed as soon as there are too many: %s', (_, count, element) => {
    expect(codeOf(damaged(count, element))).toBe('record.not-json');
    expect(codeOf(damaged(count + 1, element))).toBe('record.too-many-values');
  });

  test.each<[string, () => string]>([
    ['that are full of commas, brackets and quotes', () => '"[,[,[,{\\"a,b\\":[1,2,3,4,5],\\\\"'],
    ['that end in a backslash', () => '"[1,2,3,4,5,6\\\\"'],
  ])('are no more than there are in texts %s', (_, element) => {
    expect(codeOf(damaged(60_000, element))).toBe('record.not-json');
  });

  test('are too many in a value of another format, too, and its texts are checked', () => {
    expect(inspectValue(Array.from({ length: valuesPerRecord - 1 }, () => 0))).toBe(valuesPerRecord);
    const codeOfValue = (value: unknown): unknown => {
      try {
        return inspectValue(value);
      } catch (error) {
        return error instanceof Undecodable ? error.rejection.code : error;
      }
    };
    expect(codeOfValue(Array.from({ length: valuesPerRecord }, () => 0))).toBe('record.too-many-values');
    expect(codeOfValue({ name: ['\ud83d'] })).toBe('record.invalid-utf8');
    expect(codeOfValue({ '\ud83d': 1 })).toBe('record.invalid-utf8');
  });

  test('are counted over the user records of an aggregate, which is then rejected as a whole', () => {
    const third = { partitionKey: 'user-1', data: listOf(valuesPerRecord / 3) };
    expect(read(aggregateOf([third, third]), {}, { kplProducers: true })).toHaveLength(2);
    const { cause } = rejectionOf(aggregateOf([third, third, third]), {}, { kplProducers: true });
    expect(cause.code).toBe('record.too-many-values');
  });

  test('weigh more than their text, so that a batch of them is folded in slices', () => {
    const { bytes } = decodeRecord(recordOf(listOf(100_000 - OWN)), settings);
    expect(bytes).toBe(100_000 * bytesPerValue);
    expect(valuesPerRecord * bytesPerValue).toBe(expandedBytes);
  });

  test('weigh nothing where they are short of what ordinary events weigh', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (count) => {
        const record = recordOf(Array.from({ length: count }, () => view()));
        expect(decodeRecord(record, settings).bytes).toBe(record.data.length);
      }),
    );
  });
});
