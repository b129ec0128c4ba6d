import { GetSchemaVersionCommand, GlueClient } from '@aws-sdk/client-glue';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { SchemaSource } from '../runtime/formats/schema-source.ts';
import { TransientError } from '../runtime/ports.ts';
import { rethrow } from './errors.ts';

/** Names by which Glue says that an id stands for nothing. */
const NOT_THERE = new Set(['EntityNotFoundException', 'InvalidInputException']);

/** Schema versions of the AWS Glue schema registry. */
export const glueSchemas = (client: Pick<GlueClient, 'send'>): SchemaSource => ({
  load: async (id, signal) => {
    try {
      const answer = await client.send(new GetSchemaVersionCommand({ SchemaVersionId: id }), { abortSignal: signal });
      const { Status, DataFormat, SchemaDefinition } = answer;
      // Glue is still checking it against the versions before.
      if (Status === 'PENDING') throw new TransientError('registry.pending', `Schema version ${id} is pending`);
      const usable = Status === 'AVAILABLE' && SchemaDefinition !== undefined;
      if (!usable || (DataFormat !== 'AVRO' && DataFormat !== 'PROTOBUF' && DataFormat !== 'JSON')) return 'unknown';
      return { format: DataFormat, text: SchemaDefinition };
    } catch (error) {
      if (error instanceof Error && NOT_THERE.has(error.name)) return 'unknown';
      if (error instanceof TransientError) throw error;
      return rethrow('registry', error);
    }
  },
});

/** The runtime retries, with its own backoff; a look-up that hangs must not eat the invocation. */
export const createGlueClient = (): GlueClient =>
  new GlueClient({
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    }),
  });
