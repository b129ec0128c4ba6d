import { hash } from 'node:crypto';
import { type EventName, parseEventName } from '../../core/adapter.ts';
import { dataSchemaOf } from '../../core/event.ts';
import type { Position } from '../../core/position.ts';
import { type Rejection, rejection } from '../../core/rejection.ts';

/** Where an element of a record stands. All of it is the same whenever the record is delivered again. */
export interface AdapterPlace {
  readonly position: Position;
  /** What the record's partition key stands for. */
  readonly keySubject: string;
  /** Arrival in the stream, epoch milliseconds. */
  readonly arrivalMs: number;
}

/** What becomes of an element: a CloudEvent, which is checked like any other, or nothing. */
export type Adapted =
  | { readonly kind: 'event'; readonly event: object }
  /** It says nothing about a key: a tombstone, a heartbeat, a control record, or what the manifest ignores. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'rejected'; readonly cause: Rejection };

/** Makes CloudEvents of a producer's own form. Pure: the same bytes at the same place give the same event, with the same id. */
export interface Adapter {
  /** The subject that a partition key stands for, or undefined if it has not the form that the manifest says. */
  subjectOf(partitionKey: string): string | undefined;
  /** `value` is what the record holds, or one item of its list; null if it holds no bytes. */
  adapt(value: unknown, place: AdapterPlace): Adapted;
}

export const IGNORED: Adapted = { kind: 'ignored' };

/** Says what is wrong and what to do, and quotes no values, which may be personal. */
export const unadaptable = (message: string): Adapted => ({
  kind: 'rejected',
  cause: rejection('event.unadaptable', message),
});

export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value that a path leads to, or undefined. */
export function at(value: unknown, path: string): unknown {
  let part = value;
  for (const name of path.split('.')) part = isMembers(part) && Object.hasOwn(part, name) ? part[name] : undefined;
  return part;
}

/** Texts and integers can be subjects and ids. */
export function nameIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Epoch milliseconds as RFC 3339 in UTC, or undefined if they are no time. */
export function instant(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** An id of 132 bits for whatever tells an event from all others of its source. */
export const idOf = (...parts: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);

/** The envelope around data of the version that the name says. */
export function envelope(
  name: EventName,
  attributes: { readonly id: string; readonly source: string; readonly subject: string; readonly time: string },
  data: unknown,
): Adapted {
  const { type, version } = parseEventName(name);
  return {
    kind: 'event',
    event: { specversion: '1.0', type, dataschema: dataSchemaOf(type, version), ...attributes, data },
  };
}
