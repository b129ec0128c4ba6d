import { hash } from 'node:crypto';
import type { Cause } from '../core/effect.ts';

/** A W3C `traceparent` taken apart (https://www.w3.org/TR/trace-context/). All members in lower-case hex. */
export interface TraceContext {
  /** 32 digits, not all zero. */
  readonly traceId: string;
  /** 16 digits, not all zero: the span that sent it. */
  readonly spanId: string;
  /** 2 digits. */
  readonly flags: string;
}

/** Later versions may append fields, and keep these. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** What a `traceparent` says, or undefined if it is none. */
export function parseTraceparent(traceparent: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  return traceId === undefined || spanId === undefined || flags === undefined ? undefined : { traceId, spanId, flags };
}

/** Sampled, since nobody has decided otherwise. */
const ROOT_FLAGS = '01';

/** The trace that an event belongs to: its own, or, if it has none, one that follows from its source and id. */
export function traceOf({ source, id, traceparent }: Pick<Cause, 'source' | 'id' | 'traceparent'>): TraceContext {
  return (
    parseTraceparent(traceparent) ?? {
      traceId: hex(['trace', source, id], 32),
      spanId: hex(['span', source, id], 16),
      flags: ROOT_FLAGS,
    }
  );
}

/** The `traceparent` of an effect: the trace of its cause, and a span that follows from the effect's id, the same in every retry. */
export function effectTraceparent(cause: Cause, effectId: string): string {
  const { traceId, flags } = traceOf(cause);
  return `00-${traceId}-${hex(['effect-span', effectId], 16)}-${flags}`;
}

/** Digits of a hash. That all of them are zero, which the standard forbids, is no likelier than any other accident. */
const hex = (parts: readonly string[], digits: number): string =>
  hash('sha256', JSON.stringify(parts), 'hex').slice(0, digits);
