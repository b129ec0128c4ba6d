import { keyHash } from '../../../lambdas/runtime/identity.ts';

/** Filter patterns of CloudWatch Logs for what the functions of Millrace and Lambda itself write. */

const ERRORS =
  '{ $.level = "ERROR" || $.level = "FATAL" || $.record.status = "error" || $.record.status = "timeout" || $.record.status = "failure" }';
const BLOCKED = '{ $.message = "key blocked" || $.message = "more keys blocked" }';

/** What is asked of a log. */
export interface Choice {
  readonly errors: boolean;
  readonly blocked: boolean;
  /** A key: the subject of its events. */
  readonly key?: string;
  readonly filter?: string;
}

/** The pattern of a choice; undefined: every line. */
export function patternOf({ errors, blocked, key, filter }: Choice): string | undefined {
  if (key !== undefined) return ofKey(keyHash(key));
  if (blocked) return BLOCKED;
  return errors ? ERRORS : filter;
}

/** Lines about one key. */
export const ofKey = (hash: string): string => `{ $.keyHash = "${hash}" }`;

/** Lines about one key, and those of the batches of its shard. */
export const ofKeyOrShard = (hash: string, shard: string): string =>
  `{ $.keyHash = "${hash}" || ($.shard = "${shard}" && $.message = "batch folded*") }`;
