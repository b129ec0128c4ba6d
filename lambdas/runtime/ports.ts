import type { Cause, Effect } from '../core/effect.ts';
import type { Position } from '../core/position.ts';
import type { Rejection } from '../core/rejection.ts';
import type { Row } from '../core/row.ts';

/**
 * The edges of a processor. Each port has a memory and an AWS adapter, and one contract suite (test/contract) that both pass.
 * Whatever may work later throws or returns a TransientError; adapters translate only what they recognise.
 */

/** It did not work, or its answer was lost; it may work later. The effect of the request is unknown. */
export class TransientError extends Error {
  /** Dotted code for logs and alarms: `store.throttled`, `sink.unavailable`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientError';
    this.code = code;
  }
}

/** What a read found: a row, `undefined` for no row, or why this one could not be read. */
export type ReadResult = Row | undefined | TransientError;

export interface StateStore {
  /**
   * The rows of distinct keys. An eventually consistent read may return any earlier version of a row, or none; a consistent one
   * reflects every commit that was answered before. Rows that cannot be read come back as TransientError, one by one.
   */
  read(keys: readonly string[], consistent: boolean, signal: AbortSignal): Promise<ReadonlyMap<string, ReadResult>>;
  /**
   * Puts the row if the stored version and epoch are still `over`'s, or, without `over`, if there is no row. State, positions and effects
   * become durable together, or not at all. Throws TransientError if the answer is not known.
   */
  commit(row: Row, over: Row | undefined, signal: AbortSignal): Promise<'committed' | 'conflict'>;
}

/** An effect with its address: who sends it, and under which identity. */
export interface AddressedEffect {
  /** Deterministic: processor, key, causing event, index. The same in every retry. */
  readonly id: string;
  readonly processor: string;
  /** The sending row. */
  readonly key: string;
  readonly epoch: string;
  readonly version: number;
  readonly cause: Cause;
  readonly effect: Effect;
}

/** Accepted for good, refused for good, or to be tried again. */
export type SendResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly message: string }
  | TransientError;

export interface EffectSink {
  /**
   * Sends effects and returns their results in the same order. Effects of one key to one receiver are accepted in the order given: after one
   * that is not accepted, the later ones to the same receiver are not sent. Repeats under one id are harmless to whoever deduplicates by it.
   */
  send(effects: readonly AddressedEffect[], signal: AbortSignal): Promise<readonly SendResult[]>;
}

/** A record or event that can never be applied, or an effect that can never be sent. */
export interface DeadLetter {
  /** Deterministic, so that a repeat is recognised. */
  readonly id: string;
  readonly processor: string;
  readonly cause: Rejection;
  /** Absent on refused effects. */
  readonly position?: Position;
  /** Arrival of the record, epoch milliseconds. */
  readonly arrivalMs?: number;
  readonly partitionKey?: string;
  /** Bytes as they came, or the event's JSON. */
  readonly payload: Uint8Array;
}

/** `undefined` where the letter is safely kept, else why it is not yet. */
export type PutResult = TransientError | undefined;

export interface DeadLetters {
  /** Keeps letters whole, whatever their size, and returns the results in the same order. At least once. */
  put(letters: readonly DeadLetter[], signal: AbortSignal): Promise<readonly PutResult[]>;
}

export interface Checkpoint {
  /** The invocation's token, as in the rows that it wrote. */
  readonly token: string;
  /** How far the invocation came, by shard: sequence number of its last record. */
  readonly shards: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

export interface Checkpoints {
  /** States for ever that all effects of the commits under this token were accepted. Throws TransientError. */
  write(checkpoint: Checkpoint, signal: AbortSignal): Promise<void>;
  /** Those of the tokens whose checkpoint is seen. May miss one, never invents one. Throws TransientError. */
  existing(tokens: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Counts one more attempt at a record that is alone in its batch, and returns how many that makes. Throws TransientError. */
  countAttempt(position: Position, signal: AbortSignal): Promise<number>;
  /** Forgets the attempts, since the last one ended without a crash. Throws TransientError. */
  clearAttempts(position: Position, signal: AbortSignal): Promise<void>;
}

/** Time and chance, injected so that a simulation can own them. */
export interface Environment {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** A fresh token of at least 72 random bits. */
  token(): string;
}
