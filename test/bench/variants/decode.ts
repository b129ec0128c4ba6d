import type { KinesisStreamRecord } from 'aws-lambda';
import { envelopeSchema, versionOf } from '../../../lambdas/core/event.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import type { ShopEvent } from '../../../lambdas/systems/profiles/events.ts';

/**
 * A record's event, checked by the schemas that the processor checks it by, with no more than that takes. Upcasting is left out: producers
 * of the bench send the newest versions.
 *
 * @throws Error for what is no event of the shop; zod's for what its schema refuses.
 */
export function decode({ kinesis }: KinesisStreamRecord): ShopEvent {
  const event = envelopeSchema.parse(JSON.parse(Buffer.from(kinesis.data, 'base64').toString()));
  const version = versionOf(event.dataschema, event.type);
  const schema = version === undefined ? undefined : catalogue.get(event.type)?.versions[version - 1]?.schema;
  if (schema === undefined) throw new Error(`${event.id}: no schema is known for ${event.type}, ${event.dataschema}`);
  return { ...event, data: schema.parse(event.data) } as ShopEvent;
}
