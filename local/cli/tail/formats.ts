import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { Undecodable } from '../../../lambdas/runtime/decode/payload.ts';
import { isFramed, schemaIdOf } from '../../../lambdas/runtime/formats/header.ts';
import { lazyFormats } from '../../../lambdas/runtime/formats/lazy.ts';
import { systemEnvironment } from '../environment.ts';

/** Avro and Protobuf by the schema registry of the account and region, which is asked once the first such record comes. */
export const registryFormats = (): Formats =>
  lazyFormats(async () => (await import('../../../lambdas/aws/glue-formats.ts')).glueFormats(systemEnvironment));

/** Where there is no registry: says so of each record that needs one. */
export const noFormats: Formats = {
  isFramed,
  parse: (data) => {
    const message =
      'Avro or Protobuf under the header of the Glue schema registry, which the local cloud does not have';
    throw new Undecodable('record.unknown-schema', message, { schema: schemaIdOf(data) });
  },
  prepare: async () => ({ held: new Map(), trouble: undefined }),
};
