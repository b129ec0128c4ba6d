import { eachLimit } from '../runtime/attempt.ts';
import { fromWire } from './attribute-values.ts';
import type { DynamoDb } from './dynamodb.ts';
import { rethrow } from './errors.ts';

/** The most keys of one BatchGetItem. */
const MOST_KEYS = 100;
/** Fewer than the sockets, so that no request waits for one until its connection times out. */
const CALLS_AT_ONCE = 10;

export interface BatchGet {
  readonly call: DynamoDb;
  readonly table: string;
  readonly keyAttribute: string;
  readonly consistent: boolean;
  /** Prefix of the codes of transient errors. */
  readonly port: string;
  readonly signal: AbortSignal;
}

type Item = Record<string, unknown>;

/**
 * The items of distinct keys, by key. `unprocessed` holds the keys that DynamoDB left out, throttled or over its 16 MB an answer, although
 * it was asked again as long as it made progress. Throws TransientError if a whole request failed.
 */
export async function batchGet(
  keys: readonly string[],
  request: BatchGet,
): Promise<{ readonly items: ReadonlyMap<string, Item>; readonly unprocessed: ReadonlySet<string> }> {
  const chunks = Array.from({ length: Math.ceil(keys.length / MOST_KEYS) }, (_, nth) =>
    keys.slice(nth * MOST_KEYS, (nth + 1) * MOST_KEYS),
  );
  const items = new Map<string, Item>();
  const unprocessed = new Set<string>();
  await eachLimit(chunks, CALLS_AT_ONCE, async (chunk) => {
    const part = await getChunk(chunk, request);
    for (const [key, item] of part.items) items.set(key, item);
    for (const key of part.unprocessed) unprocessed.add(key);
  });
  return { items, unprocessed };
}

async function getChunk(
  keys: readonly string[],
  request: BatchGet,
): Promise<{ items: readonly (readonly [string, Item])[]; unprocessed: readonly string[] }> {
  const items: (readonly [string, Item])[] = [];
  let open = keys;
  while (open.length > 0) {
    const { found, left } = await getOnce(open, request);
    items.push(...found.map((item) => [String(item[request.keyAttribute]), item] as const));
    if (left.length === open.length) break;
    open = left;
  }
  return { items, unprocessed: open };
}

async function getOnce(
  keys: readonly string[],
  { call, table, keyAttribute, consistent, port, signal }: BatchGet,
): Promise<{ found: readonly Item[]; left: readonly string[] }> {
  const Keys = keys.map((key) => ({ [keyAttribute]: { S: key } }));
  try {
    const input = { RequestItems: { [table]: { Keys, ConsistentRead: consistent } } };
    const { Responses, UnprocessedKeys } = await call('BatchGetItem', input, signal);
    const left = UnprocessedKeys?.[table]?.Keys ?? [];
    return {
      found: (Responses?.[table] ?? []).map(fromWire),
      left: left.map((key) => String(fromWire(key)[keyAttribute])),
    };
  } catch (error) {
    return rethrow(port, error);
  }
}
