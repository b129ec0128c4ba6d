import { createHmac, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { EventDefinition } from '../../../lambdas/core/catalogue.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';

/**
 * Stands in for personal data: the same text for the same value, so that one can still follow somebody, and of no use beyond this run,
 * since its key is drawn anew each time and kept nowhere.
 */
export interface Mask {
  /** Of a value that is personal data. */
  value(value: unknown): unknown;
  /** Of an event's subject; the definition says whether it is personal data, and without one it is taken for such. */
  subject(subject: string, definition: EventDefinition | undefined): string;
  /** Of data, at every mark that the schema has. */
  data(data: unknown, schema: z.ZodType): unknown;
}

/** Shows everything. */
export const noMask: Mask = {
  value: (value) => value,
  subject: (subject) => subject,
  data: (data) => data,
};

/** Hex digits of a stand-in: enough to tell the people of one screen apart. */
const DIGITS = 6;

export function newMask(key: Uint8Array = randomBytes(16)): Mask {
  const stand = (value: unknown): string => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `#${createHmac('sha256', key).update(text).digest('hex').slice(0, DIGITS)}`;
  };
  const value = (one: unknown): unknown => (one === null || one === undefined ? one : stand(one));
  const data = (one: unknown, schemas: readonly z.core.$ZodType[]): unknown => {
    const { marked, plain } = unwrapped(schemas);
    if (marked) return value(one);
    if (Array.isArray(one))
      return one.map((element, at) =>
        data(
          element,
          plain.flatMap((schema) => elementOf(schema, at)),
        ),
      );
    if (typeof one !== 'object' || one === null) return one;
    const keys = plain.flatMap((schema) => keyOf(schema));
    return Object.fromEntries(
      Object.entries(one).map(([name, member]) => [
        keys.length > 0 && unwrapped(keys).marked ? stand(name) : name,
        data(
          member,
          plain.flatMap((schema) => memberOf(schema, name)),
        ),
      ]),
    );
  };
  return {
    value,
    subject: (subject, definition) =>
      definition !== undefined && definition.subject.pii === undefined ? subject : stand(subject),
    data: (one, schema) => data(one, [schema]),
  };
}

/** The event as it may be shown. Its source and id may name the subject, as those of effects do. */
export function maskedEvent(event: CloudEvent, definition: EventDefinition, version: number, mask: Mask): CloudEvent {
  const { subject } = event;
  const shown = mask.subject(subject, definition);
  const names = shown === subject ? [] : [subject, encodeURIComponent(subject.toWellFormed())];
  const hide = (text: string): string => names.reduce((left, name) => left.replaceAll(name, shown), text);
  const schema = definition.versions[version - 1]?.schema;
  return {
    ...event,
    id: hide(event.id),
    source: hide(event.source),
    subject: shown,
    ...(event.partitionkey === undefined ? {} : { partitionkey: hide(event.partitionkey) }),
    // Data without a known schema could be anything.
    data: schema === undefined ? mask.value(event.data) : mask.data(event.data, schema),
  };
}

/** Schemas without their wrappers, every option of a union beside the others, and whether any of them on the way is marked. */
function unwrapped(schemas: readonly z.core.$ZodType[]): {
  readonly marked: boolean;
  readonly plain: readonly z.core.$ZodType[];
} {
  const plain: z.core.$ZodType[] = [];
  const open = [...schemas];
  const seen = new Set<z.core.$ZodType>();
  let marked = false;
  for (let schema = open.pop(); schema !== undefined; schema = open.pop()) {
    if (seen.has(schema)) continue;
    seen.add(schema);
    marked ||= z.globalRegistry.get(schema)?.pii !== undefined;
    const inner = innerOf(schema);
    if (inner.length === 0) plain.push(schema);
    else open.push(...inner);
  }
  return { marked, plain };
}

type Def = Readonly<Record<string, unknown>>;
const defOf = (schema: z.core.$ZodType): Def => schema._zod.def as unknown as Def;

/** What a wrapper wraps; nothing if the schema is none. */
function innerOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { type, innerType, options, left, right, in: input, out, getter } = defOf(schema);
  switch (type) {
    case 'union':
      return options as z.core.$ZodType[];
    case 'intersection':
      return [left, right] as z.core.$ZodType[];
    case 'pipe':
      return [input, out] as z.core.$ZodType[];
    case 'lazy':
      return [(getter as () => z.core.$ZodType)()];
    default:
      return innerType === undefined ? [] : [innerType as z.core.$ZodType];
  }
}

function memberOf(schema: z.core.$ZodType, name: string): readonly z.core.$ZodType[] {
  const { type, shape, valueType, catchall } = defOf(schema);
  if (type === 'record') return [valueType as z.core.$ZodType];
  if (type !== 'object') return [];
  const members = shape as Readonly<Record<string, z.core.$ZodType>>;
  if (Object.hasOwn(members, name)) return [members[name] as z.core.$ZodType];
  return catchall === undefined ? [] : [catchall as z.core.$ZodType];
}

function elementOf(schema: z.core.$ZodType, at: number): readonly z.core.$ZodType[] {
  const { type, element, items, rest } = defOf(schema);
  if (type === 'array') return [element as z.core.$ZodType];
  if (type !== 'tuple') return [];
  const own = (items as readonly z.core.$ZodType[])[at] ?? rest;
  return own === undefined || own === null ? [] : [own as z.core.$ZodType];
}

const keyOf = (schema: z.core.$ZodType): readonly z.core.$ZodType[] => {
  const { type, keyType } = defOf(schema);
  return type === 'record' ? [keyType as z.core.$ZodType] : [];
};
