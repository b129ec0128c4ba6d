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
const GROUP_HEADER_BYTES = 6;
const HASH_BYTES = 8;

/** Every hash, for look-ups. */
export function hashesOf(ids: Ids): Set<IdHash> {
  const all = new Set<IdHash>();
  for (const group of ids) for (const hash of group.hashes) all.add(hash);
  return all;
}

/** Appends what was applied, oldest first, and forgets what need not or cannot be kept. */
export function remember(
  ids: Ids,
  added: readonly { readonly hash: IdHash; readonly arrivalMs: number }[],
): RememberedIds {
  if (added.length === 0) return { ids, evictedYoung: 0 };
  const flat = ids.flatMap((group) => group.hashes.map((hash) => ({ hash, minute: group.minute })));
  let latest = ids.at(-1)?.minute ?? 0;
  for (const { hash, arrivalMs } of added) {
    const minute = Math.floor(arrivalMs / MINUTE_MS);
    latest = Math.max(latest, minute);
    flat.push({ hash, minute });
  }
  const youngSince = latest - IDS.windowMs / MINUTE_MS;
  const surplus = Math.max(0, flat.length - IDS.least);
  let forget = 0;
  while (forget < surplus && (flat[forget]?.minute ?? 0) < youngSince) forget++;
  const forced = Math.max(0, flat.length - forget - IDS.most);
  const evicted = flat.slice(forget, forget + forced).filter((entry) => entry.minute >= youngSince).length;
  return { ids: group(flat.slice(forget + forced)), evictedYoung: evicted };
}

function group(flat: readonly { hash: IdHash; minute: number }[]): Ids {
  const groups: { minute: number; hashes: IdHash[] }[] = [];
  for (const { hash, minute } of flat) {
    const last = groups.at(-1);
    if (last !== undefined && last.minute === minute) last.hashes.push(hash);
    else groups.push({ minute, hashes: [hash] });
  }
  return groups;
}

/** The stored form: per group, minute (u32), count (u16), then the hashes (u64), big-endian. 8.2 bytes an id in a busy row. */
export function encodeIds(ids: Ids): Uint8Array {
  const size = ids.reduce((bytes, g) => bytes + GROUP_HEADER_BYTES + g.hashes.length * HASH_BYTES, 0);
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  for (const { minute, hashes } of ids) {
    view.setUint32(at, minute);
    view.setUint16(at + 4, hashes.length);
    at += GROUP_HEADER_BYTES;
    for (const hash of hashes) {
      view.setBigUint64(at, hash);
      at += HASH_BYTES;
    }
  }
  return new Uint8Array(view.buffer);
}

/** Reads the stored form. Throws a RangeError on bytes that are no such form. */
export function decodeIds(bytes: Uint8Array): Ids {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const groups: IdGroup[] = [];
  let at = 0;
  while (at < view.byteLength) {
    const minute = view.getUint32(at);
    const count = view.getUint16(at + 4);
    at += GROUP_HEADER_BYTES;
    const hashes: IdHash[] = [];
    for (let i = 0; i < count; i++) {
      hashes.push(view.getBigUint64(at));
      at += HASH_BYTES;
    }
    groups.push({ minute, hashes });
  }
  return groups;
}
