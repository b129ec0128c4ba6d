import type { Cause, Effect, Outbox, PendingEffect } from './effect.ts';
import type { Candidate } from './fold.ts';
import { decodeIds, encodeIds, type Ids } from './ids.ts';
import { ATTRIBUTES } from './names.ts';
import type { Mark, Marks } from './position.ts';
import { checkRowEffect, checkState } from './reserved-attribute.ts';
import { packMark, unpackMark } from './stored-mark.ts';

/** A state row as the store holds it. */
export interface Row {
  readonly key: string;
  /** From 1, one more with every commit. */
  readonly version: number;
  /** Random, drawn when the row is created: version and epoch together never repeat. */
  readonly epoch: string;
  /** Version of the state's schema. */
  readonly schema: number;
  /** Random token of the invocation that wrote it. */
  readonly token: string;
  readonly marks: Marks;
  readonly ids: Ids;
  readonly outbox: Outbox | undefined;
  readonly state: Readonly<Record<string, unknown>>;
}

/** The attributes of an item, as plain JavaScript values. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Something in the table that is no row of ours: written by hand, or damaged. Nothing may be folded into it. */
export class UnreadableRow extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`The stored row cannot be read: ${what}. Restore it, or delete it if its state may be lost`, options);
    this.name = 'UnreadableRow';
  }
}

/** The outbox of a commit, or undefined if it has no effects. */
export function outboxOf(candidate: Candidate<object>, effectsPerCommit: boolean): Outbox | undefined {
  const { effects, cause } = candidate;
  if (effectsPerCommit && cause !== undefined) return { effects, commit: cause };
  return effects.length > 0 ? { effects } : undefined;
}

/** Items of rows that are still in use: a row never changes, and is measured before it is stored. */
const itemsByRow = new WeakMap<Row, Attributes>();

/** The item that stores a row. Throws ReservedAttribute. */
export function toAttributes(row: Row): Attributes {
  const item = itemsByRow.get(row) ?? itemOf(row);
  itemsByRow.set(row, item);
  return item;
}

function itemOf(row: Row): Attributes {
  checkState(row.state);
  const item: Record<string, unknown> = {
    ...row.state,
    [ATTRIBUTES.key]: row.key,
    [ATTRIBUTES.version]: row.version,
    [ATTRIBUTES.epoch]: row.epoch,
    [ATTRIBUTES.schema]: row.schema,
    [ATTRIBUTES.token]: row.token,
    [ATTRIBUTES.positions]: Object.fromEntries(Object.entries(row.marks).map(([key, mark]) => [key, packMark(mark)])),
    [ATTRIBUTES.ids]: encodeIds(row.ids),
  };
  if (row.outbox !== undefined) item[ATTRIBUTES.outbox] = packOutbox(row.outbox);
  return item;
}

/** The row that an item stores. Throws UnreadableRow, naming the attribute. */
export function fromAttributes(item: Attributes): Row {
  const state: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith('_') && name !== ATTRIBUTES.key) state[name] = value;
  }
  const outbox = item[ATTRIBUTES.outbox];
  return {
    key: text(item, ATTRIBUTES.key),
    version: count(item, ATTRIBUTES.version),
    epoch: text(item, ATTRIBUTES.epoch),
    schema: count(item, ATTRIBUTES.schema),
    token: text(item, ATTRIBUTES.token),
    marks: unpackMarks(item[ATTRIBUTES.positions]),
    ids: unpackIds(item[ATTRIBUTES.ids]),
    outbox: outbox === undefined ? undefined : unpackOutbox(outbox),
    state,
  };
}

function text(item: Attributes, name: string): string {
  const value = item[name];
  if (typeof value !== 'string') throw new UnreadableRow(`${name} is no string`);
  return value;
}

function count(item: Attributes, name: string): number {
  const value = item[name];
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw new UnreadableRow(`${name} is no positive integer`);
  return value as number;
}

function unpackMarks(value: unknown): Marks {
  if (!isRecord(value)) throw new UnreadableRow(`${ATTRIBUTES.positions} is no map`);
  return Object.fromEntries(Object.entries(value).map(([key, packed]) => [key, readMark(packed)]));
}

function readMark(packed: unknown): Mark {
  if (!(packed instanceof Uint8Array)) throw new UnreadableRow(`${ATTRIBUTES.positions} holds no position`);
  try {
    return unpackMark(packed);
  } catch (cause) {
    throw new UnreadableRow(`${ATTRIBUTES.positions} holds a damaged position`, { cause });
  }
}

function unpackIds(value: unknown): Ids {
  if (!(value instanceof Uint8Array)) throw new UnreadableRow(`${ATTRIBUTES.ids} is no binary`);
  try {
    return decodeIds(value);
  } catch (cause) {
    throw new UnreadableRow(`${ATTRIBUTES.ids} is damaged`, { cause });
  }
}

/** Causes are kept as lists, without names: every row with effects carries one. */
const packCause = ({ id, source, time, traceparent }: Cause): readonly unknown[] =>
  traceparent === undefined ? [id, source, packTime(time)] : [id, source, packTime(time), traceparent];

function unpackCause(value: unknown): Cause {
  if (!Array.isArray(value)) throw new UnreadableRow(`${ATTRIBUTES.outbox} holds no cause`);
  const [id, source, time, ...others] = value.map((part, nth) => (nth === TIME_AT ? unpackTime(part) : part));
  const [traceparent] = others;
  if (![id, source, time, ...others].every((part) => typeof part === 'string')) {
    throw new UnreadableRow(`${ATTRIBUTES.outbox} holds half a cause`);
  }
  return traceparent === undefined ? { id, source, time } : { id, source, time, traceparent };
}

const TIME_AT = 2;

/** A time as Date writes it is kept as a number, which takes 8 bytes instead of 24; any other stays as its producer wrote it. */
function packTime(time: string): string | number {
  const ms = Date.parse(time);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === time ? ms : time;
}

const unpackTime = (packed: unknown): unknown =>
  typeof packed === 'number' && Math.abs(packed) <= LATEST_MS ? new Date(packed).toISOString() : packed;

/** The largest time value of ECMAScript, in milliseconds. */
const LATEST_MS = 8.64e15;

function packOutbox({ effects, commit }: Outbox): Attributes {
  const packed: Record<string, unknown> = {};
  if (effects.length > 0) packed.e = effects.map(packEffect);
  if (commit !== undefined) packed.c = packCause(commit);
  return packed;
}

function packEffect({ cause, index, effect }: PendingEffect): readonly unknown[] {
  if (effect.kind === 'row') checkRowEffect(effect);
  return [packCause(cause), index, effect];
}

function unpackOutbox(value: unknown): Outbox {
  if (!isRecord(value)) throw new UnreadableRow(`${ATTRIBUTES.outbox} is no map`);
  const { e: effects = [], c: commit } = value;
  if (!Array.isArray(effects)) throw new UnreadableRow(`${ATTRIBUTES.outbox} holds no list of effects`);
  const unpacked = { effects: effects.map(unpackEffect) };
  return commit === undefined ? unpacked : { ...unpacked, commit: unpackCause(commit) };
}

function unpackEffect(value: unknown): PendingEffect {
  if (!Array.isArray(value) || !Number.isSafeInteger(value[1]) || !isRecord(value[2])) {
    throw new UnreadableRow(`${ATTRIBUTES.outbox} holds no effect`);
  }
  const [cause, index, effect] = value;
  if (!EFFECT_KINDS.has(effect.kind)) throw new UnreadableRow(`${ATTRIBUTES.outbox} holds an effect of no known kind`);
  return { cause: unpackCause(cause), index, effect: effect as unknown as Effect };
}

const EFFECT_KINDS: ReadonlySet<unknown> = new Set<Effect['kind']>(['publish', 'alert', 'row']);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
