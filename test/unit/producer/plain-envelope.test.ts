import fc from 'fast-check';
import * as z from 'zod';
import { defineEvent } from '../../../lambdas/core/catalogue.ts';
import { type CloudEvent, envelopeSchema } from '../../../lambdas/core/event.ts';
import { Composer, type EventFields } from '../../../lambdas/producer/compose.ts';
import { encodeEvents } from '../../../lambdas/producer/encode.ts';
import { InvalidEventError, OversizeEventError } from '../../../lambdas/producer/index.ts';
import { bodyOf } from '../../../lambdas/producer/item.ts';
import { isPlainEnvelope } from '../../../lambdas/producer/plain-envelope.ts';
import { added } from './shop.ts';

const two = (most: number) => fc.integer({ min: 0, max: most }).map((number) => String(number).padStart(2, '0'));
const anyTime = fc
  .tuple(fc.constantFrom('2026', '0000', '9999', '226', '12026'), two(13), two(32), two(25), two(61), two(61))
  .chain(([year, month, day, hour, minute, second]) =>
    fc
      .constantFrom('Z', '.5Z', '.123456789Z', '.Z', '', 'z', '+01:00', ' Z')
      .map((end) => `${year}-${month}-${day}T${hour}:${minute}:${second}${end}`),
  );
const odd = fc.oneof(
  fc.string(),
  fc.constantFrom('', 'é', '"', '\\', '\n', '\x7f', '\ud800', 'x'.repeat(256), 'x'.repeat(257)),
  fc.constantFrom<unknown>(undefined, null, 7, {}),
);
const member = fc.oneof(
  fc.constant('time').chain((name) => fc.tuple(fc.constant(name), anyTime)),
  fc.tuple(fc.constantFrom(...Object.keys(envelopeSchema.shape)), odd),
);

test('what is seen to be a valid envelope at a glance passes the schema', () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.array(member, { maxLength: 2 }), (members) => {
      const event = { ...added('u', 'e'), ...Object.fromEntries(members) } as CloudEvent;
      if (!isPlainEnvelope(event)) return;
      plain++;
      expect(envelopeSchema.safeParse(event)).toMatchObject({ success: true });
    }),
    { numRuns: 3_000 },
  );
  expect(plain).toBeGreaterThan(500);
});

const anything = defineEvent('test.anything', {
  description: 'Of this test alone',
  owner: 'tests',
  subject: { is: 'anything', example: 'u' },
  schema: z.unknown(),
  example: 1,
});
const fields: fc.Arbitrary<EventFields<unknown>> = fc
  .record(
    {
      subject: odd,
      id: odd,
      time: fc.oneof(anyTime, fc.constant('2026-11-01T12:00:00.000Z')),
      traceparent: fc.constant('00-aa-bb-01'),
      data: fc.oneof(
        fc.jsonValue(),
        odd,
        fc.constantFrom<unknown>({ ['__proto__']: 1 }, [2 ** 53], () => 1),
      ),
    },
    { requiredKeys: ['subject', 'data'] },
  )
  .map((given) => given as unknown as EventFields<unknown>);

/** What becomes of it, or why nothing does. */
function outcomeOf<T>(work: () => T): T | readonly string[] {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidEventError) return error.issues;
    if (error instanceof OversizeEventError) return [error.message];
    throw error;
  }
}

test('an event is the same, byte for byte and in weight, whether made from a template or whole', () => {
  const composer = new Composer(
    'urn:test',
    () => 'id-1',
    () => 0,
  );
  fc.assert(
    fc.property(fields, (given) => {
      const made = outcomeOf(() => composer.encode(anything, given, false));
      if (!('events' in made)) return;
      expect(envelopeSchema.safeParse(made.events[0])).toMatchObject({ success: true });
      const { head, ...plain } = made;
      const body = bodyOf(made);
      expect({ ...plain, body }).toEqual(outcomeOf(() => encodeEvents(given.subject, made.events, false)));
      expect(body).toBe(JSON.stringify(made.events[0]));
    }),
    { numRuns: 2_000 },
  );
});

test.each<[string, unknown]>([
  ['half a surrogate pair', { text: '\ud800' }],
  ['a number that blurs', [2 ** 53]],
  ['a member called __proto__', JSON.parse('{"__proto__":1}')],
  ['24 levels', Array.from({ length: 24 }).reduce((inner) => [inner], 1)],
])('%s in the data is refused by the template as by the whole', (_, data) => {
  const composer = new Composer(
    'urn:test',
    () => 'id-1',
    () => 0,
  );
  const whole = { ...added('u', 'e'), data };
  const refused = outcomeOf(() => encodeEvents('u', [whole], false));
  expect(refused).toEqual([expect.stringContaining('(event): ')]);
  expect(outcomeOf(() => composer.encode(anything, { subject: 'u', data }, false))).toEqual(refused);
});
