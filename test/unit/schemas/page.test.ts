import * as z from 'zod';
import { eventsPage } from '../../../scripts/schemas/page.ts';
import { definitionOf, typeOf } from './support.ts';

const leg = z.object({ name: z.string().min(1).max(20).describe('a | b'), day: z.iso.date().optional() });
const page = eventsPage([
  typeOf(
    definitionOf(
      'FULL_TRANSITIVE',
      { schema: z.object({ miles: z.number() }), example: { miles: 1 } },
      {
        schema: z.object({
          km: z.number().min(0).describe('as driven'),
          legs: z.array(leg).max(9),
          driver: z.string().meta({ pii: 'direct' }).nullable(),
          fare: z.record(z.string().regex(/^[A-Z]{3}$/), z.int()),
          mode: z.enum(['car', 'bike']).default('car'),
          end: z.discriminatedUnion('kind', [
            z.object({ kind: z.literal('home') }),
            z.object({ kind: z.literal('away'), where: z.string() }),
          ]),
        }),
        example: { km: 16, legs: [], driver: null, fare: { EUR: 1 }, end: { kind: 'home' } },
        breaks: 'miles became kilometres',
      },
    ),
  ),
]);
const rows = page.split('\n');

describe('the page of events tells a producer team', () => {
  test.each([
    ['what a type is for', 'A trip has ended.'],
    ['who answers for it', '- Owner: travel'],
    ['what its key is', '- Subject, which is the partition key: traveller, such as `anna`'],
    [
      'which version to send, and what a break was about',
      '- Versions: 1; 2 (send this one), which breaks with those before it: miles became kilometres',
    ],
    ['types, bounds and meaning of members', '| `km` | number | yes | from 0 |  | as driven |'],
    ['members inside lists', '| `legs[].name` | string | yes | 1 to 20 characters |  | a \\| b |'],
    ['which may be missing, and formats instead of their patterns', '| `legs[].day` | string (date) | no |  |  |  |'],
    ['marks of personal data, and null', '| `driver` | string or null | yes |  | direct |  |'],
    ['members of records', '| `fare.*` | integer | no | name: `^[A-Z]{3}$` |  |  |'],
    ['values and defaults', '| `mode` | string | no | `"car"`, `"bike"`; default `"car"` |  |  |'],
    ['alternatives', '| `end.where (kind "away")` | string | yes |  |  |  |'],
    ['what older versions looked like', '### Version 1 (older, still read)'],
    ['where the JSON Schema is', 'JSON Schema: [trip.ended/2.json](../schemas/trip.ended/2.json). An event:'],
    ['how to name the schema in an event', '  "dataschema": "urn:millrace:trip.ended:2",'],
  ])('%s', (_, line) => {
    expect(rows).toContain(line);
  });

  test('an event to start from', () => {
    const [, example] = /```json\n(.*?)\n```/s.exec(page) ?? [];
    expect(JSON.parse(example ?? '')).toMatchObject({
      specversion: '1.0',
      type: 'trip.ended',
      subject: 'anna',
      data: { km: 16 },
    });
  });
});
