import { jsonAdapter } from '../../../lambdas/runtime/adapters/json.ts';
import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { decodeRecord, type RawRecord } from '../../../lambdas/runtime/decode/record.ts';
import { isFramed, schemaIdOf } from '../../../lambdas/runtime/formats/header.ts';
import { lazyFormats } from '../../../lambdas/runtime/formats/lazy.ts';
import { registryFormats } from '../../../lambdas/runtime/formats/registry-formats.ts';
import type { SchemaDefinition, SchemaSource } from '../../../lambdas/runtime/formats/schema-source.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { NOON, recordOf, SUBJECT } from '../../support/events.ts';
import { aggregateOf } from '../../support/kpl.ts';
import { memorySchemas } from '../../support/memory/schemas.ts';
import { catalogue as changes } from '../adapters/support.ts';
import { said, settings, view } from '../decode/reading.ts';
import { avroBytes, codeOf, framed, protobufBytes } from './support.ts';

const ids = { avro: 1, protobuf: 2, json: 3, broken: 4, bare: 5, nobody: 9 };
const id = (name: keyof typeof ids): string => `00000000-0000-4000-8000-00000000000${ids[name]}`;

const text = (name: string) => ({ name, type: 'string' });
const avroEvent = {
  type: 'record' as const,
  name: 'Event',
  fields: [
    ...['specversion', 'id', 'source', 'type', 'subject', 'dataschema'].map(text),
    { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'data', type: { type: 'record', name: 'View', fields: [text('productId')] } },
  ],
};
const bareClick = { type: 'record' as const, name: 'Click', fields: [text('user'), text('page')] };
const protobufEvent = `syntax = "proto3"; import "google/protobuf/timestamp.proto";
message Event { string specversion = 1; string id = 2; string source = 3; string type = 4; string subject = 5; string dataschema = 6;
  google.protobuf.Timestamp time = 7; View data = 8; }
message View { string productId = 1; optional string sessionId = 2; }`;

const schemas: Readonly<Record<string, SchemaDefinition>> = {
  [id('avro')]: { format: 'AVRO', text: JSON.stringify(avroEvent) },
  [id('protobuf')]: { format: 'PROTOBUF', text: protobufEvent },
  [id('json')]: { format: 'JSON', text: '{}' },
  [id('broken')]: { format: 'AVRO', text: '{"type":"record"}' },
  [id('bare')]: { format: 'AVRO', text: JSON.stringify(bareClick) },
};
const { data, ...envelope } = view();
const avro = avroBytes(avroEvent as never, { ...envelope, time: Date.parse(NOON), data });
const proto = protobufBytes(protobufEvent, 'Event', { ...envelope, time: { seconds: Date.parse(NOON) / 1000 }, data });

/** Formats over a registry whose look-ups are counted, in a time that passes only while somebody sleeps. */
function registry(source: SchemaSource = memorySchemas(schemas)) {
  let nowMs = 0;
  const asked: string[] = [];
  const counting: SchemaSource = {
    load: (one, signal) => {
      asked.push(one);
      return source.load(one, signal);
    },
  };
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  const formats = registryFormats(counting, { now: () => nowMs, sleep, random: () => 0.5 });
  const prepare = (records: readonly RawRecord[]) => formats.prepare(records, new AbortController().signal);
  return { asked, formats, prepare, sleep };
}

const aggregate = (...parts: readonly Buffer[]): Buffer =>
  aggregateOf(parts.map((data) => ({ partitionKey: SUBJECT, data })));

async function read(payload: Uint8Array, by: object = {}) {
  const { formats, prepare } = registry();
  const record = recordOf(payload);
  await prepare([record]);
  return decodeRecord(record, { ...settings, formats, ...by }).items;
}

describe('an event under the header of the registry', () => {
  test.each<[string, Buffer]>([
    ['in Avro', framed(id('avro'), avro)],
    ['in Avro, compressed', framed(id('avro'), avro, true)],
    ['in Protobuf', framed(id('protobuf'), proto)],
    ['in Protobuf, compressed', framed(id('protobuf'), proto, true)],
    ['in JSON', framed(id('json'), Buffer.from(JSON.stringify(view({ id: envelope.id }))))],
  ])('%s is the same event as in JSON', async (_, payload) => {
    expect(await read(payload)).toMatchObject([
      {
        kind: 'event',
        key: SUBJECT,
        incoming: { version: 1, event: { id: envelope.id, time: NOON, data: { productId: 'tea' } } },
      },
    ]);
  });

  test('stands in KPL aggregates beside JSON', async () => {
    const parts = [framed(id('avro'), avro), Buffer.from(JSON.stringify(view({ id: 'json' })))];
    expect(said(await read(aggregate(...parts), { kplProducers: true }))).toEqual([envelope.id, 'json']);
  });

  test('that is bare is mapped by the adapter of its stream', async () => {
    const adapter = jsonAdapter({
      kind: 'json',
      source: 'urn:web',
      type: 'click.made:1',
      subject: 'user',
      time: 'arrival',
      id: { from: 'content' },
    });
    const payload = framed(id('bare'), avroBytes(bareClick as never, { user: SUBJECT, page: '/' }));
    const handled = new Set(['click.made']);
    expect(await read(payload, { adapter, catalogue: changes, handled })).toMatchObject([
      { kind: 'event', incoming: { event: { type: 'click.made', data: { user: SUBJECT, page: '/' } } } },
    ]);
  });

  test('is rejected with its bytes where it does not fit its schema, and its data where they do not fit theirs', async () => {
    const [cut] = await read(framed(id('avro'), avro.subarray(0, -3)));
    expect(cut).toMatchObject({ kind: 'rejected', cause: { code: 'record.schema-mismatch' } });
    const wrong = avroBytes(avroEvent as never, { ...envelope, time: Date.parse(NOON), data: { productId: '' } });
    expect(said(await read(framed(id('avro'), wrong)))).toEqual(['event.invalid-data']);
  });
});

describe('the header', () => {
  test('names the schema version by its UUID', () => {
    expect(schemaIdOf(framed('2B1D8A1C-77A3-4F3C-8A07-1F1E1D9C0B0A', avro))).toBe(
      '2b1d8a1c-77a3-4f3c-8a07-1f1e1d9c0b0a',
    );
  });

  test.each<[string, Uint8Array]>([
    ['JSON', Buffer.from('{"specversion":"1.0","id":"a"}')],
    ['gzip', Buffer.from([0x1f, 0x8b, ...Array.from({ length: 30 }, () => 0)])],
    ['another version', Buffer.from([0x04, 0x00, ...Array.from({ length: 30 }, () => 0)])],
    ['another compression', Buffer.from([0x03, 0x01, ...Array.from({ length: 30 }, () => 0)])],
    ['too few bytes', Buffer.from([0x03, 0x00, 1, 2])],
    ['no bytes', new Uint8Array()],
  ])('is not in %s', (_, bytes) => expect(isFramed(bytes)).toBe(false));

  test.each<[string, Buffer, string]>([
    [
      'damaged',
      Buffer.concat([framed(id('avro'), Buffer.alloc(0)), Buffer.from([9, 9])]).fill(5, 1, 2),
      'record.gzip-corrupt',
    ],
    ['a bomb', framed(id('avro'), Buffer.alloc(64 * 1024 * 1024), true), 'record.gzip-too-large'],
  ])('over zlib that is %s leads to a rejection', async (_, payload, code) => {
    expect(said(await read(payload))).toEqual([code]);
  });
});

describe('a schema', () => {
  const record = recordOf(framed(id('avro'), avro));

  test('is asked for once, however many records and invocations name it', async () => {
    const { asked, prepare } = registry();
    await prepare([record, record]);
    await prepare([record]);
    expect(asked).toEqual([id('avro')]);
  });

  test.each(['nobody', 'broken'] as const)(
    'that is %s is a reason to reject, and is asked for again after a minute',
    async (name) => {
      const { asked, formats, prepare, sleep } = registry();
      const odd = recordOf(framed(id(name), avro));
      expect((await prepare([odd])).held.size).toBe(0);
      expect(codeOf(() => formats.parse(odd.data))).toBe('record.unknown-schema');
      await prepare([odd]);
      expect(asked).toHaveLength(1);
      await sleep(60_000);
      await prepare([odd]);
      expect(asked).toHaveLength(2);
    },
  );

  test('that the registry cannot give now holds back its records, with the keys inside, and no other', async () => {
    const down = registry({ load: () => Promise.reject(new TransientError('registry.throttled', 'slow down')) });
    const parts = [
      { partitionKey: 'a', data: framed(id('avro'), avro) },
      { partitionKey: 'b', data: Buffer.from('{}') },
    ];
    const { held, trouble } = await down.prepare([recordOf(view()), record, recordOf(aggregateOf(parts))]);
    expect([...held.keys()]).toEqual([1, 2]);
    expect([held.get(1), held.get(2)]).toEqual([[SUBJECT], ['a', 'b']]);
    expect(trouble).toMatchObject({ code: 'registry.throttled' });
    expect(down.asked).toHaveLength(3);
  });

  test('is found by the second attempt', async () => {
    let calls = 0;
    const { prepare } = registry({
      load: (one, signal) =>
        ++calls === 1
          ? Promise.reject(new TransientError('registry.unavailable', 'gone'))
          : memorySchemas(schemas).load(one, signal),
    });
    expect((await prepare([record])).held.size).toBe(0);
  });

  test('is not waited for when time is up', async () => {
    const { formats } = registry({ load: () => new Promise(() => undefined) });
    const { held } = await formats.prepare([record], AbortSignal.abort());
    expect([...held.keys()]).toEqual([0]);
  });
});

describe('what reads framed records', () => {
  const loading = () => {
    let loads = 0;
    const formats = lazyFormats(async (): Promise<Formats> => {
      loads++;
      return registry().formats;
    });
    const prepare = (payload: unknown) => formats.prepare([recordOf(payload)], new AbortController().signal);
    return { formats, prepare, loads: () => loads };
  };

  test('is not loaded for JSON', async () => {
    const { prepare, loads } = loading();
    expect(await prepare(view())).toEqual({ held: new Map(), trouble: undefined });
    expect(loads()).toBe(0);
  });

  test('is loaded once for the first that comes, alone or in an aggregate', async () => {
    const { formats, prepare, loads } = loading();
    await prepare(aggregate(framed(id('avro'), avro)));
    await prepare(framed(id('avro'), avro));
    expect(loads()).toBe(1);
    expect(formats.parse(framed(id('avro'), avro)).value).toMatchObject({ id: envelope.id });
  });
});
