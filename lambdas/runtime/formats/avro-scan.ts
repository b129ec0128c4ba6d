import type { Type, types } from 'avsc';
import { DECODE_LIMITS } from '../decode/limits.ts';
import { tooManyValues, Undecodable } from '../decode/payload.ts';
import { checkName, mismatch } from './codec.ts';

/**
 * Walks over a value without making it, and so finds out what decoding it would take: avsc makes room for as many items as a list says it
 * has, before it reads the first one. Throws Undecodable.
 */
export function scanAvro(type: Type, body: Uint8Array): void {
  const scan = new Scan(body);
  scan.value(type);
  if (scan.left > 0) throw mismatch('Avro');
}

/** Bytes of types that always take the same. */
const WIDTHS: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 };
const VARINTS: ReadonlySet<string> = new Set(['int', 'long', 'enum']);

/** Beyond it avsc reads another number than was written, without a word. */
const MOST_EXACT = 2 ** 52;

function checkExact(value: number): void {
  if (Math.abs(value) < MOST_EXACT) return;
  throw new Undecodable('record.inexact-number', 'A long is beyond 2^52: send identifiers and large numbers as text');
}

class Scan {
  readonly #bytes: Uint8Array;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  value(type: Type): void {
    this.#count(1);
    const width = WIDTHS[type.typeName];
    if (width !== undefined) this.#skip(width);
    else if (VARINTS.has(type.typeName)) checkExact(this.#long());
    else if (type.typeName === 'bytes' || type.typeName === 'string') this.#skip(this.#long());
    else if (type.typeName === 'fixed') this.#skip((type as types.FixedType).size);
    else this.#complex(type);
  }

  #complex(type: Type): void {
    if (type.typeName === 'record') {
      for (const field of (type as types.RecordType).fields) this.value(field.type);
    } else if (type.typeName === 'array') this.#blocks(() => this.value((type as types.ArrayType).itemsType));
    else if (type.typeName === 'map') {
      this.#blocks(() => {
        this.#name();
        this.value((type as types.MapType).valuesType);
      });
    } else if (type.typeName === 'union:wrapped') {
      const branch = (type as types.WrappedUnionType).types[this.#long()];
      if (branch === undefined) throw mismatch('Avro');
      this.value(branch);
    } else this.value((type as types.LogicalType).underlyingType);
  }

  /** A negative count is followed by the block's length in bytes. */
  #blocks(item: () => void): void {
    for (let count = this.#long(); count !== 0; count = this.#long()) {
      if (count < 0) this.#long();
      const items = Math.abs(count);
      // Items without a byte, such as nulls, would be as many as somebody cares to write.
      if (items > this.left) throw mismatch('Avro');
      for (let i = 0; i < items; i++) item();
    }
  }

  #name(): void {
    const length = this.#long();
    const start = this.#at;
    this.#skip(length);
    // Only this name is looked for, so only its length is read.
    if (length === 9) checkName(Buffer.from(this.#bytes.subarray(start, this.#at)).toString());
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > DECODE_LIMITS.valuesPerRecord) throw tooManyValues();
  }

  #skip(bytes: number): void {
    if (bytes < 0 || bytes > this.left) throw mismatch('Avro');
    this.#at += bytes;
  }

  /** Zigzag, seven bits a byte. */
  #long(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || scale > 2 ** 63) throw mismatch('Avro');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }
}
