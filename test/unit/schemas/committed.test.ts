import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { newestVersion, upcast } from '../../../lambdas/core/catalogue.ts';
import { type CloudEvent, envelopeSchema } from '../../../lambdas/core/event.ts';
import { decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { filesBelow } from '../../../scripts/schemas/baseline.ts';
import { eventTypesOf } from '../../../scripts/schemas/event-types.ts';
import { generated, outdated } from '../../../scripts/schemas/files.ts';
import { recordOf } from '../../support/events.ts';
import { settings } from '../decode/reading.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;

const versions = [...catalogue.values()].flatMap((definition) =>
  definition.versions.map((_, index) => ({ definition, type: definition.type, version: index + 1 })),
);

test('the committed files are what the definitions give, and there is none besides', () => {
  const files = generated(eventTypesOf(catalogue).types);
  expect(outdated(ROOT, files)).toEqual([]);
  expect(filesBelow(ROOT, 'schemas')).toHaveLength(3 * versions.length + 1);
});

describe('the committed example of', () => {
  const all = new Set(catalogue.keys());

  test.each(versions)('$type version $version is an event as the runtime takes it', ({ type, version }) => {
    const event = read<CloudEvent>(`schemas/${type}/${version}.example.json`);
    expect(envelopeSchema.safeParse(event).success).toBe(true);
    const record = recordOf(event, { partitionKey: event.subject, arrivalMs: Date.parse(event.time) });
    expect(decodeRecord(record, { ...settings, handled: all }).items).toMatchObject([
      { kind: 'event', incoming: { version } },
    ]);
  });

  test.each(versions)('$type version $version satisfies the committed JSON Schema', ({ type, version }) => {
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const accepts = ajv.compile(read(`schemas/${type}/${version}.json`));
    const { data } = read<CloudEvent>(`schemas/${type}/${version}.example.json`);
    expect(accepts(data)).toBe(true);
    // Of a schema without members, everything would be an example.
    expect(accepts(null)).toBe(false);
  });

  test.each(versions)(
    '$type version $version, upcast, satisfies the newest version',
    ({ definition, type, version }) => {
      const { data } = read<CloudEvent>(`schemas/${type}/${version}.example.json`);
      const parsed = definition.versions[version - 1]?.schema.parse(data);
      const newest = upcast(definition, version, parsed);
      expect(definition.versions.at(-1)?.schema.safeParse(newest)).toMatchObject({ success: true });
    },
  );

  test('cart.item-added version 1 means the same as that of version 2, but for what version 1 did not know', () => {
    const definition = catalogue.get('cart.item-added');
    if (definition === undefined) throw new Error('The catalogue has no cart.item-added');
    const [first, second] = [1, 2].map(
      (version) => read<CloudEvent>(`schemas/cart.item-added/${version}.example.json`).data,
    );
    const { sessionId, ...known } = second as { sessionId: string };
    expect(newestVersion(definition)).toBe(2);
    expect(upcast(definition, 1, first)).toEqual(known);
    expect(sessionId).toBeDefined();
  });
});
