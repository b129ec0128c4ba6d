import { readVarint, unzigzag, varint, zigzag } from './varint.ts';

/**
 * Recently applied event ids of one row: the `recent` strength of deduplication. At least the last 32 ids are kept, those of the last
 * 5 minutes besides, and never more than 256, so that a row stays small. All times are arrival times, so that folding stays pure.
 */
export const IDS = { least: 32, most: 256, windowMs: 5 * 60_000 } as const;

/** Eight bytes of a hash of source and id, as an integer. */
export type IdHash = bigint;

/** Ids that arrived within one minute (epoch minutes). */
export interface IdGroup {
  readonly minute: number;
  readonly hashes: readonly IdHash[];
}

/** In order of application, oldest first. */
export type Ids = readonly IdGroup[];

export interface RememberedIds {
  readonly ids: Ids;
  /** Ids younger than the window that had to go: repeats of them would no longer be recognised. */
  readonly evictedYoung: number;
}

const MINUTE_MS = 60_000;
const HASH_BYTES = 8;

/** Every hash, for look-ups. */
export function hashesOf(ids: Ids): Set<IdHash> {
  const all = new Set<IdHash>();
  for (const group of ids) for (const hash of group.hashes) all.add(hash);
  return all;
}

/**
 * Appends what was applied, oldest first, and forgets what need not or cannot be kept. What is older than the window stays so for ever,
 * so its minutes no longer matter: it is kept as of the minute before the window, in one group.
 */
export function remember(
  ids: Ids,
  added: readonly { readonly hash: IdHash; readonly arrivalMs: number }[],
): RememberedIds {
  if (added.length === 0) return { ids, evictedYoung: 0 };
  const all = [...ids, ...groupsOf(added)];
  const latest = Math.max(...all.map((group) => group.minute));
  const youngSince = latest - IDS.windowMs / MINUTE_MS;
  const firstYoung = all.findIndex((group) => group.minute >= youngSince);
  const surplus = Math.max(0, sizeOf(all) - IDS.least);
  const { rest: kept } = split(all, Math.min(surplus, sizeOf(all.slice(0, firstYoung))));
  const { first: evicted, rest } = split(kept, Math.max(0, sizeOf(kept) - IDS.most));
  return {
    ids: merged(rest.map(({ minute, hashes }) => ({ minute: Math.max(minute, youngSince - 1), hashes }))),
    evictedYoung: sizeOf(evicted.filter((group) => group.minute >= youngSince)),
  };
}

const groupsOf = (added: readonly { readonly hash: IdHash; readonly arrivalMs: number }[]): Ids =>
  merged(added.map(({ hash, arrivalMs }) => ({ minute: Math.floor(arrivalMs / MINUTE_MS), hashes: [hash] })));

const sizeOf = (ids: Ids): number => ids.reduce((size, group) => size + group.hashes.length, 0);

/** The first `count` ids and the others. */
function split(ids: Ids, count: number): { readonly first: Ids; readonly rest: Ids } {
  const first: IdGroup[] = [];
  const rest: IdGroup[] = [];
  let left = count;
  for (const { minute, hashes } of ids) {
    if (left > 0) first.push({ minute, hashes: hashes.slice(0, left) });
    if (left < hashes.length) rest.push(left > 0 ? { minute, hashes: hashes.slice(left) } : { minute, hashes });
    left = Math.max(0, left - hashes.length);
  }
  return { first, rest };
}

/** Neighbours of one minute as one group. */
function merged(ids: Ids): Ids {
  const groups: { minute: number; hashes: IdHash[] }[] = [];
  for (const { minute, hashes } of ids) {
    const last = groups.at(-1);
    if (last?.minute === minute) last.hashes.push(...hashes);
    else groups.push({ minute, hashes: [...hashes] });
  }
  return groups;
}

/**
 * The stored form. Per group: how many minutes it lies after the group before, zigzag, and its size, both as varints; then the hashes,
 * big-endian. In most rows that makes 2 bytes a minute and 8 an id.
 */
export function encodeIds(ids: Ids): Uint8Array {
  let before = 0;
  const heads = ids.map(({ minute, hashes }) => {
    const head = [...varint(zigzag(minute - before)), ...varint(hashes.length)];
    before = minute;
    return head;
  });
  const size = heads.reduce((bytes, head) => bytes + head.length, sizeOf(ids) * HASH_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [nth, { hashes }] of ids.entries()) {
    const head = heads[nth] ?? [];
    bytes.set(head, at);
    at += head.length;
    for (const hash of hashes) {
      view.setBigUint64(at, hash);
      at += HASH_BYTES;
    }
  }
  return bytes;
}

/** Reads the stored form. Throws a RangeError on bytes that are no such form. */
export function decodeIds(bytes: Uint8Array): Ids {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups: IdGroup[] = [];
  let at = 0;
  let minute = 0;
  while (at < bytes.length) {
    const step = readVarint(bytes, at);
    const count = readVarint(bytes, step.end);
    minute += unzigzag(step.value);
    at = count.end + count.value * HASH_BYTES;
    if (minute < 0 || at > bytes.length) throw new RangeError('A group of ids is damaged or cut short');
    const hashes: IdHash[] = [];
    for (let from = count.end; from < at; from += HASH_BYTES) hashes.push(view.getBigUint64(from));
    groups.push({ minute, hashes });
  }
  return groups;
}
