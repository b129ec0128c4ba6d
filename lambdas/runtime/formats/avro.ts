import avsc, { type Type, type types } from 'avsc';
import { Undecodable } from '../decode/payload.ts';
import { scanAvro } from './avro-scan.ts';
import { type Codec, mismatch, UnusableSchema } from './codec.ts';

/**
 * Avro's binary encoding (specification 1.11), of values that JSON has: a union is the value of its branch, bytes and fixed are base64,
 * times and dates are RFC 3339, decimals are texts. Throws UnusableSchema.
 */
export function avroCodec(text: string): Codec {
  const type = parse(text);
  return {
    decode: (body) => {
      try {
        scanAvro(type, body);
        return plain(type, type.fromBuffer(Buffer.from(body.buffer, body.byteOffset, body.byteLength)));
      } catch (error) {
        if (error instanceof Undecodable) throw error;
        throw mismatch('Avro');
      }
    },
  };
}

function parse(text: string): Type {
  try {
    return avsc.Type.forSchema(JSON.parse(text), { logicalTypes: LOGICAL_TYPES, wrapUnions: 'always' });
  } catch (cause) {
    throw new UnusableSchema('The text is no Avro schema', { cause });
  }
}

/** A logical type that is read as text. What it cannot be made of fails the record. */
const readAs = (convert: (value: never, schema: Readonly<Record<string, unknown>>) => string) =>
  class extends avsc.types.LogicalType {
    readonly #schema: Readonly<Record<string, unknown>>;

    constructor(schema: avsc.Schema, options?: unknown) {
      super(schema, options);
      this.#schema = schema as unknown as Readonly<Record<string, unknown>>;
    }

    protected override _fromValue(value: never): string {
      return convert(value, this.#schema);
    }
  };

const LOGICAL_TYPES = {
  'timestamp-millis': readAs((ms: number) => new Date(ms).toISOString()),
  'timestamp-micros': readAs((us: number) => new Date(Math.floor(us / 1000)).toISOString()),
  date: readAs((days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10)),
  decimal: readAs((bytes: Buffer, { scale }) => decimal(bytes, typeof scale === 'number' ? scale : 0)),
};

/** Big-endian two's complement with so many digits after the point. */
function decimal(bytes: Buffer, scale: number): string {
  const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x0${bytes.toString('hex')}`));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`;
  return `${unscaled < 0n ? '-' : ''}${whole}${fraction}`;
}

/** What avsc made of a value, as JSON has it. */
function plain(type: Type, value: unknown): unknown {
  switch (type.typeName) {
    case 'record': {
      const record = value as Readonly<Record<string, unknown>>;
      const { fields } = type as types.RecordType;
      return Object.fromEntries(fields.map(({ name, type: of }) => [name, plain(of, record[name])]));
    }
    case 'array':
      return (value as unknown[]).map((item) => plain((type as types.ArrayType).itemsType, item));
    case 'map': {
      const of: Type = (type as types.MapType).valuesType;
      return Object.fromEntries(Object.entries(value as object).map(([name, part]) => [name, plain(of, part)]));
    }
    case 'union:wrapped':
      return branchOf(type as types.WrappedUnionType, value);
    case 'bytes':
    case 'fixed':
      return (value as Buffer).toString('base64');
    default:
      // Only those in LOGICAL_TYPES are left, which are texts already.
      return value;
  }
}

function branchOf({ types: branches }: types.WrappedUnionType, value: unknown): unknown {
  if (value === null) return null;
  const [[name, part] = []] = Object.entries(value as object);
  const branch = branches.find((one) => one.branchName === name);
  return branch === undefined ? null : plain(branch, part);
}
