import { hash } from 'node:crypto';
import type { Cause } from '../core/effect.ts';
import type { Position } from '../core/position.ts';

/** 22 characters of base64url: 132 bits of SHA-256, so that two identities never meet. */
const digest = (parts: readonly (string | number)[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);

/** The identity of effect `index` of the event `cause`. */
export const effectId = (processor: string, key: string, cause: Cause, index: number): string =>
  digest(['effect', processor, key, cause.source, cause.id, index]);

/** The identity of effect `index` of a commit: version and epoch tell it apart from another commit that ended with the same event. */
export const commitEffectId = (
  processor: string,
  { key, epoch, version }: { readonly key: string; readonly epoch: string; readonly version: number },
  cause: Cause,
  index: number,
): string => digest(['commit', processor, key, epoch, version, cause.source, cause.id, index]);

/** The identity of a dead letter: one for each place in a stream and processor. */
export const letterId = (processor: string, { stream, shard, sequence, index }: Position): string =>
  digest(['letter', processor, stream, shard, sequence, index]);

/** What logs may say of a key, which may be personal: enough to find it again, no more. */
export const keyHash = (key: string): string => digest(['key', key]).slice(0, 12);
