import * as z from 'zod';
import { defineEvent } from '../../../lambdas/core/catalogue.ts';
import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import { InvalidEventError, OversizeEventError } from '../../../lambdas/producer/index.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { itemAdded } from '../../../lambdas/systems/profiles/events.ts';
import { jsonIn } from './fake-stream.ts';
import { added, MUG, producerBench, senderBench } from './shop.ts';

const about = <Schema extends z.ZodType>(type: string, schema: Schema) =>
  defineEvent(type, {
    description: 'Of this test alone',
    owner: 'tests',
    subject: { is: 'anything', example: 'u' },
    schema,
    example: [] as z.input<Schema>,
  });

describe('an event that is sent', () => {
  test('gets its envelope from the definition, the subject and the producer', async () => {
    const { writer, stream, clock } = producerBench({ newId: () => 'id-1' });
    await writer.send(itemAdded, { subject: 'user-42', data: MUG });
    await clock.run(writer.flush());
    expect(stream.arrivals.map(({ partitionKey }) => partitionKey)).toEqual(['user-42']);
    expect(stream.arrivals.map(jsonIn)).toEqual([
      {
        specversion: '1.0',
        id: 'id-1',
        source: 'urn:test:shop',
        type: 'cart.item-added',
        time: '2026-01-01T00:00:00.000Z',
        subject: 'user-42',
        dataschema: 'urn:millrace:cart.item-added:2',
        datacontenttype: 'application/json',
        partitionkey: 'user-42',
        data: MUG,
      },
    ]);
  });

  test('keeps the id, time and extensions that it is given', async () => {
    const { writer, stream, clock } = producerBench();
    const given = { id: 'order-7/1', time: '2026-03-04T05:06:07+01:00', traceparent: '00-aa-bb-01', sequence: '7' };
    await writer.send(itemAdded, { subject: 'u', data: MUG, ...given });
    await writer.send(itemAdded, { subject: 'u', data: MUG, time: new Date('2026-03-04T05:06:07Z') });
    await clock.run(writer.flush());
    expect(stream.arrivals.flatMap(jsonIn)).toEqual([
      expect.objectContaining(given),
      expect.objectContaining({ time: '2026-03-04T05:06:07.000Z' }),
    ]);
  });

  test('has an id of its own if it is given none', async () => {
    const { writer, stream, clock } = producerBench();
    for (let nth = 0; nth < 3; nth++) await writer.send(itemAdded, { subject: 'u', data: MUG });
    await clock.run(writer.flush());
    const ids = (stream.arrivals.flatMap(jsonIn) as { id: string }[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
  });

  test('is as it was when it was sent, whatever becomes of the object afterwards', async () => {
    const { writer, stream, clock } = producerBench();
    const data = { ...MUG, quantity: 1 };
    await writer.send(itemAdded, { subject: 'u', data });
    data.quantity = 2;
    await clock.run(writer.flush());
    expect(stream.arrivals.map(jsonIn)).toEqual([expect.objectContaining({ data: MUG })]);
  });

  test('tells where it is once it is there', async () => {
    const { writer, clock } = producerBench();
    const receipt = await writer.send(itemAdded, { subject: 'u', data: MUG, id: 'a' });
    expect(receipt.events.map(({ id }) => id)).toEqual(['a']);
    expect(await clock.run(receipt.delivered())).toEqual({ shardId: 'shardId-000000000000', sequenceNumber: '1' });
    expect(await receipt.delivered()).toEqual({ shardId: 'shardId-000000000000', sequenceNumber: '1' });
  });
});

describe('an event that no reader would take is refused at once', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  const anything = about('test.anything', z.unknown());
  const cycle: { self?: object } = {};
  cycle.self = cycle;

  test.each<[string, object, string]>([
    ['data of the wrong type', { data: { ...MUG, quantity: '2' } }, 'data.quantity: '],
    ['data out of range', { data: { ...MUG, quantity: 0 } }, 'data.quantity: '],
    ['data that are missing', { data: undefined }, 'data: '],
    ['no subject', { subject: '' }, 'subject: '],
    ['a subject that no partition key holds', { subject: 'u'.repeat(257) }, 'subject: '],
    ['a subject with half a surrogate pair', { subject: 'u\ud800' }, '(event): a text holds half a surrogate pair'],
    ['an id that is too long', { id: 'i'.repeat(257) }, 'id: '],
    ['a time that is none', { time: 'yesterday' }, 'time: '],
  ])('%s', async (_, fields, issue) => {
    const { writer, stream, clock } = producerBench();
    const sending = writer.send(itemAdded, { subject: 'u', data: MUG, ...fields });
    await expect(sending).rejects.toThrow(InvalidEventError);
    await expect(sending).rejects.toMatchObject({
      code: 'producer.invalid-event',
      issues: expect.arrayContaining([expect.stringContaining(issue)]),
    });
    await clock.run(writer.flush());
    expect(stream.calls).toEqual([]);
    expect(writer.metrics()).toMatchObject({ accepted: 0, invalid: 1 });
  });

  test.each<[string, unknown, string]>([
    ['a cycle', cycle, 'holds a cycle or a BigInt'],
    ['a BigInt', 1n, 'holds a cycle or a BigInt'],
    ['a member called __proto__', JSON.parse('{"a":[{"__proto__":1}]}'), 'a member is called __proto__'],
    ['half a surrogate pair', { a: ['\udc00'] }, 'half a surrogate pair'],
    ['half a surrogate pair in a name', { '\udc00': 1 }, 'half a surrogate pair'],
    ['a number that blurs', { id: 2 ** 53 }, 'cannot be kept exactly'],
    ['too many levels', deep(RECORD_LIMITS.depth), 'nested deeper than 24 levels'],
  ])('%s in its data', async (_, data, issue) => {
    const { writer } = producerBench();
    const sending = writer.send(anything, { subject: 'u', data });
    await expect(sending).rejects.toMatchObject({ issues: expect.arrayContaining([expect.stringContaining(issue)]) });
  });

  test('but not for texts that only look like it', async () => {
    const { writer, stream, clock } = producerBench();
    const data = { text: '"__proto__"', escaped: '\\ud800', smile: '😀', deep: deep(RECORD_LIMITS.depth - 2) };
    await writer.send(anything, { subject: 'u', data });
    await clock.run(writer.flush());
    expect(stream.arrivals.map(jsonIn)).toEqual([expect.objectContaining({ data })]);
  });

  test('without quoting the data, which may be personal', async () => {
    const { writer } = producerBench();
    const data = { ...MUG, productId: 7, currency: 'secret-currency' } as unknown as typeof MUG;
    const error = await writer.send(itemAdded, { subject: 'u', data }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidEventError);
    expect(String(error)).toContain('currency');
    expect(String(error)).not.toContain('secret');
  });
});

describe('an event larger than a record', () => {
  const large = (bytes: number) => ({ ...MUG, padding: 'x'.repeat(bytes) });

  test('is refused at once, and says by how much', async () => {
    const { writer, stream } = producerBench();
    const sending = writer.send(itemAdded, { subject: 'user', data: large(RECORD_LIMITS.bytes) });
    await expect(sending).rejects.toThrow(OversizeEventError);
    await expect(sending).rejects.toMatchObject({
      code: 'producer.oversize-event',
      unit: 'bytes',
      limit: RECORD_LIMITS.bytes - 4,
      size: expect.any(Number),
    });
    expect(stream.calls).toEqual([]);
    expect(writer.metrics()).toMatchObject({ accepted: 0, oversize: 1 });
  });

  test('that just fits, key included, goes', async () => {
    const { writer, stream, clock } = producerBench({ newId: () => 'i' });
    const subject = 'ä'.repeat(100);
    const bare = Buffer.byteLength(
      JSON.stringify({ ...added(subject, 'i', { source: 'urn:test:shop' }), data: large(0) }),
    );
    const envelope = Buffer.byteLength(`,"datacontenttype":"application/json","partitionkey":"${subject}"`);
    const fits = RECORD_LIMITS.bytes - 200 - bare - envelope;
    await writer.send(itemAdded, { subject, data: large(fits) });
    await expect(writer.send(itemAdded, { subject, data: large(fits + 1) })).rejects.toThrow(OversizeEventError);
    await clock.run(writer.flush());
    expect(stream.arrivals.map(({ data }) => data.length + 200)).toEqual([RECORD_LIMITS.bytes]);
  });

  test('goes all the same if gzip makes it fit, up to what readers expand', async () => {
    const { writer, stream, clock } = producerBench({ gzip: true });
    const data = large(3 * 1024 * 1024);
    await writer.send(itemAdded, { subject: 'u', data });
    await expect(writer.send(itemAdded, { subject: 'u', data: large(4 * 1024 * 1024) })).rejects.toThrow(
      OversizeEventError,
    );
    await clock.run(writer.flush());
    expect(stream.arrivals.map(jsonIn)).toEqual([expect.objectContaining({ data })]);
  });

  test('in values instead of bytes is refused as well', async () => {
    const { writer } = producerBench();
    const numbers = about('test.numbers', z.array(z.number()));
    const sending = writer.send(numbers, { subject: 'u', data: new Array<number>(RECORD_LIMITS.values).fill(1) });
    await expect(sending).rejects.toMatchObject({ unit: 'values', limit: RECORD_LIMITS.values });
  });
});

describe('a complete event', () => {
  test('is sent as it is, with extensions that Millrace does not know', async () => {
    const { writer, stream, clock } = senderBench({ catalogue });
    const event = { ...added('u', 'e1'), causationid: 'c' };
    await writer.send(event);
    await clock.run(writer.flush());
    expect(stream.arrivals.map(jsonIn)).toEqual([event]);
  });

  test.each<[string, object, string]>([
    ['of a type in no catalogue', { type: 'cart.item-aded' }, 'type: is in no catalogue'],
    ['of no version', { dataschema: 'urn:millrace:cart.item-added:x' }, 'dataschema: must be '],
    ['of a version that is not there', { dataschema: 'urn:millrace:cart.item-added:3' }, 'version 1 to 2'],
    ['whose data are of another version', { dataschema: 'urn:millrace:cart.item-added:1' }, 'data.price: '],
    ['whose partition key is not its subject', { partitionkey: 'v' }, 'partitionkey: must be the subject'],
    ['without a time', { time: undefined }, 'time: '],
  ])('%s is refused', async (_, part, issue) => {
    const { writer } = senderBench({ catalogue });
    const sending = writer.send({ ...added('u', 'e1'), ...part });
    await expect(sending).rejects.toMatchObject({ issues: expect.arrayContaining([expect.stringContaining(issue)]) });
  });

  test('is judged by its envelope alone without a catalogue', async () => {
    const { writer, stream, clock } = senderBench();
    await writer.send({ ...added('u', 'e1'), type: 'unheard.of', dataschema: 'urn:other:1' });
    await clock.run(writer.flush());
    expect(stream.arrivals).toHaveLength(1);
  });
});

test('settings out of range are refused by name', () => {
  expect(() => senderBench({ callRecords: 501 })).toThrow(/callRecords: .*500/);
  expect(() => senderBench({ callBytes: 11 * 1024 * 1024 })).toThrow(/callBytes/);
  expect(() => senderBench({ recordBytes: 2 * 1024 * 1024, lingerMs: -1 })).toThrow(/lingerMs.*recordBytes/);
  expect(() => senderBench({ linger: 5 } as object)).toThrow(/linger/);
});
