import { type Cipheriv, createCipheriv, createHash } from 'node:crypto';

const BLOCK_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Uniform numbers from a seed: the key stream of AES-128 in counter mode, so that a run can be repeated on any machine. */
export class Random {
  readonly #stream: Cipheriv;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest().subarray(0, 16);
    this.#stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  /** In [0, 1), with 32 bits. */
  next(): number {
    if (this.#at === this.#block.length) {
      this.#block = this.#stream.update(ZEROS);
      this.#at = 0;
    }
    const value = this.#block.readUInt32LE(this.#at);
    this.#at += 4;
    return value / 2 ** 32;
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }
}
