import { deflateSync } from 'node:zlib';
import avsc, { type Schema } from 'avsc';
import protobuf from 'protobufjs';
import { avroCodec } from '../../../lambdas/runtime/formats/avro.ts';
import { protobufCodec } from '../../../lambdas/runtime/formats/protobuf.ts';

/** A record as the Glue serializers frame it. */
export const framed = (id: string, body: Uint8Array, zlib = false): Buffer =>
  Buffer.concat([
    Buffer.from([0x03, zlib ? 0x05 : 0x00]),
    Buffer.from(id.replaceAll('-', ''), 'hex'),
    zlib ? deflateSync(body) : body,
  ]);

/** Bytes of a value under an Avro schema, as avsc writes them. */
export const avroBytes = (schema: Schema, value: unknown): Buffer => avsc.Type.forSchema(schema).toBuffer(value);

/** What the codec reads of bytes. */
export const readAvroBytes = (schema: Schema, bytes: Uint8Array): unknown =>
  avroCodec(JSON.stringify(schema)).decode(bytes);

/** What the codec reads of a value that was written with the same schema. */
export const readAvro = (schema: Schema, value: unknown): unknown => readAvroBytes(schema, avroBytes(schema, value));

/** Bytes of a message behind its index. */
export function protobufBytes(text: string, message: string, value: object, index = 0): Buffer {
  const { root } = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
  const timestamp = protobuf.common.get('google/protobuf/timestamp.proto')?.nested;
  if (timestamp) root.addJSON(timestamp);
  const type = root.lookupType(message);
  return Buffer.concat([Buffer.from([index]), type.encode(type.fromObject(value)).finish()]);
}

/** What the codec reads of a message that was written with the same file. */
export const readProtobuf = (text: string, message: string, value: object, index = 0): unknown =>
  protobufCodec(text).decode(protobufBytes(text, message, value, index));

/** The code under which something is rejected. */
export function codeOf(action: () => unknown): string {
  try {
    return `no rejection but ${JSON.stringify(action())}`;
  } catch (error) {
    const rejection = (error as { rejection?: { code: string } }).rejection;
    return rejection?.code ?? String(error);
  }
}
