import { CloudEvent } from 'cloudevents';
import fc from 'fast-check';
import { dataSchemaOf } from '../../../lambdas/core/event.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { itemAdded } from '../../../lambdas/systems/profiles/events.ts';
import { NOON, recordOf } from '../../support/events.ts';
import { eventIn, read, said } from '../decode/reading.ts';
import { eventsIn, jsonIn } from './fake-stream.ts';
import { MUG, producerBench, senderBench } from './shop.ts';

/** As a team would build one that has the CloudEvents SDK, which validates when strict. */
const built = (id: string) =>
  new CloudEvent(
    {
      id,
      source: '/shop/web',
      type: itemAdded.type,
      subject: 'user-42',
      time: NOON,
      dataschema: dataSchemaOf(itemAdded.type, 2),
      datacontenttype: 'application/json',
      data: MUG,
    },
    true,
  );

describe('an event that the CloudEvents SDK builds in strict mode', () => {
  test('is accepted by the decoder as it stands', () => {
    const incoming = eventIn(
      read(recordOf(built('e1'), { partitionKey: 'user-42' }).data, { partitionKey: 'user-42' }),
    );
    expect(incoming.event).toMatchObject({ id: 'e1', source: '/shop/web', subject: 'user-42', data: MUG });
  });

  test('is sent by the producer library, judged by the catalogue, and accepted by the decoder', async () => {
    const { writer, stream, clock } = senderBench({ catalogue });
    for (const id of ['e1', 'e2']) await writer.send({ ...built(id).toJSON() } as never);
    await writer.send(built('e3') as never);
    await clock.run(writer.flush());
    const [only] = stream.arrivals;
    expect(said(read(only?.data, { partitionKey: 'user-42' }))).toEqual(['e1', 'e2', 'e3']);
  });
});

test('every event that the producer library sends is valid for the CloudEvents SDK in strict mode', async () => {
  const word = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(
      word,
      fc.option(word, { nil: undefined }),
      fc.option(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), { nil: undefined }),
      fc.boolean(),
      async (subject, id, time, isTraced) => {
        const { writer, stream, clock } = producerBench();
        const extensions = isTraced ? { traceparent: '00-aa-bb-01', sequence: '7', recordedtime: NOON } : {};
        const given = { ...(id === undefined ? {} : { id }), ...(time === undefined ? {} : { time }), ...extensions };
        await writer.send(itemAdded, { subject, data: MUG, ...given });
        await clock.run(writer.close());
        const json = jsonIn(stream.arrivals[0] as never) as object;
        const event = new CloudEvent(json, true);
        expect(event.validate()).toBe(true);
        expect(event.toJSON()).toEqual(json);
        expect(eventsIn(stream.arrivals[0] as never)[0]?.subject).toBe(subject);
      },
    ),
    { numRuns: 50 },
  );
});
