import type { Mark } from './position.ts';
import { readVarint, varint } from './varint.ts';

/** The stored form of a mark: index and arrival as varints, then the sequence number, big-endian. 30 bytes, where its digits are 56. */
export function packMark({ sequence, index, arrival }: Mark): Uint8Array {
  const hex = BigInt(sequence).toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Uint8Array.from([...varint(index), ...varint(arrival), ...digits]);
}

/** Reads the stored form. Throws a RangeError on bytes that are no such form. */
export function unpackMark(bytes: Uint8Array): Mark {
  const index = readVarint(bytes, 0);
  const arrival = readVarint(bytes, index.end);
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset + arrival.end, bytes.length - arrival.end);
  if (digits.length === 0) throw new RangeError('The mark holds no sequence number');
  const sequence = BigInt(`0x${digits.toString('hex')}`).toString();
  return { sequence, index: index.value, arrival: arrival.value };
}
