import protobuf from 'protobufjs';
import { DECODE_LIMITS } from '../decode/limits.ts';
import { tooManyValues, Undecodable } from '../decode/payload.ts';
import { type Codec, checkName, mismatch, UnusableSchema } from './codec.ts';

/**
 * Protobuf as the AWS Glue serializers write it: the index of the message type as a varint, then the message. Member names are those of
 * the .proto file; int64 is a number if it can be one, else a text; bytes are base64; google.protobuf.Timestamp is RFC 3339. A field that
 * is not on the wire is left out if it has presence, else it is its default. Throws UnusableSchema.
 */
export function protobufCodec(text: string): Codec {
  const messages = parse(text);
  return {
    decode: (body) => {
      try {
        const reader = new CountingReader(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
        const type = messages[reader.uint32()];
        if (type === undefined) throw mismatch('Protobuf');
        return plain(type, type.decode(reader) as Message);
      } catch (error) {
        if (error instanceof Undecodable) throw error;
        throw mismatch('Protobuf');
      }
    },
  };
}

type Message = protobuf.Message & Readonly<Record<string, unknown>>;

/** Tags on the wire a value may take: an entry of a map has three. */
const TAGS_PER_VALUE = 2;

/** Counts fields as they come, since two bytes make a field that takes a hundred. */
class CountingReader extends protobuf.BufferReader {
  #left = TAGS_PER_VALUE * DECODE_LIMITS.valuesPerRecord;
  /** Else protobufjs keeps the bytes of fields that the schema does not know. */
  override discardUnknown = true;

  override tag(): number {
    if (this.#left-- === 0) throw tooManyValues();
    return super.tag();
  }
}

/** Message types by the index that Glue gives them. */
function parse(text: string): readonly (protobuf.Type | undefined)[] {
  try {
    const { root, imports = [] } = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
    const own = messagesIn(root);
    for (const file of imports) addImport(root, file);
    root.resolveAll();
    return own.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ type }) => type);
  } catch (cause) {
    if (cause instanceof UnusableSchema) throw cause;
    throw new UnusableSchema('The text is no .proto file that can be read', { cause });
  }
}

/** The registry holds one file a schema: only what Google publishes with Protobuf can be imported. */
function addImport(root: protobuf.Root, file: string): void {
  const known = protobuf.common.get(file);
  if (known?.nested == null) throw new UnusableSchema(`The .proto file imports ${file}, which is not at hand`);
  root.addJSON(known.nested);
}

/**
 * Every message type of a file by its full name, nested ones too, and the entries of maps, which are message types of their own to the
 * compiler. Glue numbers them in the order of these names (MessageIndexFinder of awslabs/aws-glue-schema-registry).
 */
function messagesIn(
  parent: protobuf.NamespaceBase,
): readonly { readonly name: string; readonly type?: protobuf.Type }[] {
  return parent.nestedArray.flatMap((nested) => {
    if (!(nested instanceof protobuf.Namespace)) return [];
    if (!(nested instanceof protobuf.Type)) return messagesIn(nested);
    const entries = nested.fieldsArray
      .filter((field) => field.map)
      .map(({ name }) => ({ name: `${nested.fullName}.${pascal(name)}Entry` }));
    return [{ name: nested.fullName, type: nested }, ...entries, ...messagesIn(nested)];
  });
}

const pascal = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function plain(type: protobuf.Type, message: Message): unknown {
  if (type.fullName === '.google.protobuf.Timestamp') return timestamp(message);
  const members = type.fieldsArray.flatMap((field): [string, unknown][] => {
    const value = memberOf(field.resolve(), message);
    return value === undefined ? [] : [[field.name, value]];
  });
  return Object.fromEntries(members);
}

function memberOf(field: protobuf.Field, message: Message): unknown {
  const { name } = field;
  const there = Object.hasOwn(message, name) && message[name] !== undefined && message[name] !== null;
  if (field.repeated) return there ? (message[name] as unknown[]).map((item) => single(field, item)) : [];
  if (field.map) return there ? entriesOf(field, message[name] as object) : {};
  if (there) return single(field, message[name]);
  const presence = field.hasPresence || field.resolvedType instanceof protobuf.Type;
  return presence ? undefined : single(field, field.typeDefault);
}

function entriesOf(field: protobuf.Field, map: object): unknown {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      checkName(name);
      return [name, single(field, value)];
    }),
  );
}

function single(field: protobuf.Field, value: unknown): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Type) return plain(resolvedType, value as Message);
  // An enum value that the schema does not know keeps its number.
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[value as number] ?? value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return '';
  return typeof value === 'object' && value !== null ? whole(value as { toString(): string }) : value;
}

/** A 64-bit integer. */
function whole(long: { toString(): string }): number | string {
  const text = long.toString();
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

function timestamp(message: Message): string {
  const [seconds, nanos] = [Number(String(message.seconds ?? 0)), Number(message.nanos ?? 0)];
  return new Date(seconds * 1000 + Math.floor(nanos / 1_000_000)).toISOString();
}
