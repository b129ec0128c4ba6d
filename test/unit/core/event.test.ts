import fc from 'fast-check';
import { dataSchemaOf, envelopeSchema, versionOf } from '../../../lambdas/core/event.ts';

const event = {
  specversion: '1.0',
  id: 'e1',
  source: 'urn:shop',
  type: 'page.viewed',
  time: '2026-11-01T12:00:00Z',
  subject: 'user-1',
  dataschema: 'urn:millrace:page.viewed:1',
  data: {},
};
const accepts = (part: object): boolean => envelopeSchema.safeParse({ ...event, ...part }).success;
const without = (name: string): object => ({ [name]: undefined });

describe('an envelope', () => {
  test.each<[string, object]>([
    ['as it should be', {}],
    [
      'with all extensions',
      { partitionkey: 'k', traceparent: '00-1-2-01', sequence: '1', recordedtime: event.time, millraceto: 'profiles' },
    ],
    ['with extensions that Millrace does not know', { comexampleother: 7 }],
    ['with a content type', { datacontenttype: 'application/json' }],
    ['with data of any kind, which its schema judges', { data: [null] }],
    ['with names of 256 characters', { id: 'x'.repeat(256), source: 'x'.repeat(256), subject: 'x'.repeat(256) }],
    ['with an offset', { time: '2026-11-01T13:00:00+01:00' }],
    ['with nanoseconds', { time: '2026-11-01T12:00:00.123456789Z' }],
    ['with a leap day', { time: '2028-02-29T12:00:00Z' }],
    ['of the year 0', { time: '0000-01-01T00:00:00Z' }],
    ['of the last moment with four digits', { time: '9999-12-31T23:59:59.999Z' }],
    ['recorded in 1970', { recordedtime: '1970-01-01T00:00:00Z' }],
  ])('%s is accepted', (_, part) => {
    expect(accepts(part)).toBe(true);
  });

  test.each<[string, object]>([
    ...['specversion', 'id', 'source', 'type', 'time', 'subject', 'dataschema'].map((name): [string, object] => [
      `without ${name}`,
      without(name),
    ]),
    ['of another version of CloudEvents', { specversion: '0.3' }],
    ['with an empty id', { id: '' }],
    ['with an empty subject', { subject: '' }],
    ['with a number as id', { id: 1 }],
    ['with an id that is too long', { id: 'x'.repeat(257) }],
    ['with a subject that no partition key can hold', { subject: 'x'.repeat(257) }],
    ['without offset', { time: '2026-11-01T12:00:00' }],
    ['with a date only', { time: '2026-11-01' }],
    ['with epoch milliseconds', { time: 1_793_534_400_000 }],
    ['on a day that does not exist', { time: '2026-02-30T12:00:00Z' }],
    ['at an hour that does not exist', { time: '2026-11-01T24:00:00Z' }],
    ['with a time of a megabyte', { time: `2026-11-01T12:00:00.${'0'.repeat(1_000_000)}Z` }],
    ['carried out of four-digit years by its offset, backward', { time: '0000-01-01T00:00:00+00:01' }],
    ['carried out of four-digit years by its offset, forward', { time: '9999-12-31T23:59:00-00:01' }],
    ['recorded before rows can count', { recordedtime: '1969-12-31T23:59:59Z' }],
    ['with an empty addressee', { millraceto: '' }],
  ])('%s is refused', (_, part) => {
    expect(accepts(part)).toBe(false);
  });

  test('has a time that can be read and passed on, whenever it is accepted', () => {
    const two = (most: number) => fc.nat(most).map((n) => String(n).padStart(2, '0'));
    const time = fc
      .tuple(
        fc.nat(9999),
        two(13),
        two(32),
        two(24),
        two(60),
        two(60),
        fc.constantFrom('Z', '+23:59', '-23:59', '+05:30'),
      )
      .map(([y, mo, d, h, mi, s, zone]) => `${String(y).padStart(4, '0')}-${mo}-${d}T${h}:${mi}:${s}${zone}`);
    fc.assert(
      fc.property(time, (one) => {
        if (accepts({ time: one })) expect(accepts({ time: new Date(one).toISOString() })).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a dataschema', () => {
  test('names a version of its type', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z.:-]{1,20}$/), fc.integer({ min: 1, max: 999_999 }), (type, version) => {
        expect(versionOf(dataSchemaOf(type, version), type)).toBe(version);
      }),
    );
  });

  test.each([
    ['another type', 'urn:millrace:page.left:1'],
    ['a type that only begins alike', 'urn:millrace:page.viewed.twice:1'],
    ['no version', 'urn:millrace:page.viewed:'],
    ['no version at all', 'urn:millrace:page.viewed'],
    ['version 0', 'urn:millrace:page.viewed:0'],
    ['a negative version', 'urn:millrace:page.viewed:-1'],
    ['a version with a leading zero', 'urn:millrace:page.viewed:01'],
    ['half a version', 'urn:millrace:page.viewed:1.5'],
    ['a version with an exponent', 'urn:millrace:page.viewed:1e0'],
    ['a version with a space', 'urn:millrace:page.viewed:1 '],
    ['a version of 7 digits', 'urn:millrace:page.viewed:1000000'],
    ['a URL', 'https://example.com/page.viewed/1'],
  ])('that names %s names no version', (_, dataschema) => {
    expect(versionOf(dataschema, 'page.viewed')).toBeUndefined();
  });
});
