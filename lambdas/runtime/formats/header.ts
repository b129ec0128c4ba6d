import { inflateSync } from 'node:zlib';
import { DECODE_LIMITS } from '../decode/limits.ts';
import { Undecodable } from '../decode/payload.ts';

/**
 * The header that the serializers of the AWS Glue schema registry put before a record: its version, how the rest is compressed, and the
 * schema version's UUID. Source: awslabs/aws-glue-schema-registry, AWSSchemaRegistryConstants.
 */
const VERSION = 0x03;
const COMPRESSION = { none: 0x00, zlib: 0x05 } as const;
const UUID_AT = 2;
const HEADER_BYTES = 18;

/** Whether the bytes begin with the header. Neither JSON nor gzip nor a KPL aggregate does. */
export const isFramed = (data: Uint8Array): boolean =>
  data.length >= HEADER_BYTES && data[0] === VERSION && (data[1] === COMPRESSION.none || data[1] === COMPRESSION.zlib);

/** The id of the schema version, as the registry writes it. */
export function schemaIdOf(framed: Uint8Array): string {
  const hex = Buffer.from(framed.buffer, framed.byteOffset + UUID_AT, HEADER_BYTES - UUID_AT).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What stands behind the header, expanded within the bound. Throws Undecodable. */
export function bodyOf(framed: Uint8Array): Uint8Array {
  const body = framed.subarray(HEADER_BYTES);
  if (framed[1] === COMPRESSION.none) return body;
  try {
    return inflateSync(body, { maxOutputLength: DECODE_LIMITS.expandedBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `zlib expands to more than ${DECODE_LIMITS.expandedBytes} bytes`;
      throw new Undecodable('record.gzip-too-large', message);
    }
    throw new Undecodable('record.gzip-corrupt', 'The zlib stream is damaged or cut short');
  }
}
