import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as z from 'zod';
import { CURSOR_LENGTH, openCursor, sealCursor } from '../../../lambdas/query/cursor.ts';

const schema = z.strictObject({ sort: z.string(), shard: z.int().min(0).max(15), key: z.string().min(1).max(256) });
const scope = ['listProfiles', { segment: 'high' }];
const position = { sort: '2026-01-01T00:00:00.000Z', shard: 3, key: 'user-1' };

const positions = fc.record({ sort: fc.string(), shard: fc.nat(15), key: fc.string({ minLength: 1, maxLength: 256 }) });

/** A cursor whose seal is right, made by somebody who read the source. */
function crafted(payload: string): string {
  const seal = createHash('sha256').update(JSON.stringify(scope)).update('\n').update(payload).digest().subarray(0, 8);
  return Buffer.concat([seal, Buffer.from(payload)]).toString('base64url');
}

describe('a cursor', () => {
  test('gives back the position that it was made of, and fits into a URL', () =>
    fc.assert(
      fc.property(positions, (one) => {
        const cursor = sealCursor(scope, one);
        expect(openCursor(scope, cursor, schema)).toEqual(one);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(cursor.length).toBeLessThanOrEqual(CURSOR_LENGTH);
      }),
    ));

  test('of another query gives nothing', () => {
    const cursor = sealCursor(scope, position);
    expect(openCursor(['listProfiles', { segment: 'low' }], cursor, schema)).toBeUndefined();
  });

  test('gives nothing once any of its characters is another one', () =>
    fc.assert(
      fc.property(fc.nat(1_000), fc.constantFrom(...'AZaz09-_'), (at, character) => {
        const cursor = sealCursor(scope, position);
        const index = at % cursor.length;
        const changed = cursor.slice(0, index) + character + cursor.slice(index + 1);
        // The last character may hold bits that mean nothing.
        fc.pre(!Buffer.from(changed, 'base64url').equals(Buffer.from(cursor, 'base64url')));
        expect(openCursor(scope, changed, schema)).toBeUndefined();
      }),
    ));

  test.each([
    ['nothing', ''],
    ['a word', 'next'],
    ['no base64url', 'a+b/c='],
    ['half of one', sealCursor(scope, position).slice(0, 20)],
    ['too long a text', 'A'.repeat(CURSOR_LENGTH + 1)],
    ['a seal of no JSON', crafted('{"sort"')],
    ['a seal of another form', crafted('{"sort":1,"shard":3,"key":"user-1"}')],
    ['a seal of a shard that is not there', crafted('{"sort":"s","shard":16,"key":"user-1"}')],
    ['a seal of a position with more members', crafted('{"sort":"s","shard":1,"key":"user-1","index":"other"}')],
  ])('that is %s gives nothing', (_, cursor) => expect(openCursor(scope, cursor, schema)).toBeUndefined());
});
