import { createHash } from 'node:crypto';
import * as z from 'zod';

/** Most characters of a cursor: an entry's key of 256 characters, its sort key, and what seals it. */
export const CURSOR_LENGTH = 2_048;

const SEAL_BYTES = 8;

/**
 * A position of a list as a token that goes out and comes back: opaque, and sealed against typing errors, cuts and use with another
 * query. The seal is no secret: a cursor only chooses a place in a list that its holder may read as a whole.
 *
 * @param scope what it is valid for: the operation and its query.
 */
export function sealCursor(scope: unknown, position: object): string {
  const payload = Buffer.from(JSON.stringify(position));
  return Buffer.concat([sealOf(scope, payload), payload]).toString('base64url');
}

/** The position in a cursor, undefined if it is none that was given out for this scope. */
export function openCursor<T>(scope: unknown, cursor: string, schema: z.ZodType<T>): T | undefined {
  if (cursor.length > CURSOR_LENGTH || !/^[\w-]+$/.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(SEAL_BYTES);
  if (!bytes.subarray(0, SEAL_BYTES).equals(sealOf(scope, payload))) return undefined;
  const position = jsonText.safeParse(payload.toString());
  const parsed = position.success ? schema.safeParse(position.data) : undefined;
  return parsed?.success === true ? parsed.data : undefined;
}

/** Whoever makes a seal of their own still has to send JSON. */
const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('no JSON');
    return z.NEVER;
  }
});

function sealOf(scope: unknown, payload: Uint8Array): Buffer {
  const hash = createHash('sha256').update(JSON.stringify(scope)).update('\n').update(payload);
  return hash.digest().subarray(0, SEAL_BYTES);
}
