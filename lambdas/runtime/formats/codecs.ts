import { parsePayload } from '../decode/payload.ts';
import type { Codec } from './codec.ts';
import type { SchemaDefinition } from './schema-source.ts';

/** Each format is loaded when its first schema comes. Throws UnusableSchema. */
export async function codecOf({ format, text }: SchemaDefinition): Promise<Codec> {
  switch (format) {
    case 'AVRO':
      return (await import('./avro.ts')).avroCodec(text);
    case 'PROTOBUF':
      return (await import('./protobuf.ts')).protobufCodec(text);
    case 'JSON':
      return { decode: (body) => parsePayload(body).value };
  }
}
