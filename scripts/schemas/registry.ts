import type { CompatibilityMode } from '../../lambdas/core/catalogue.ts';
import { DEMANDS, unreadable } from './compatibility.ts';
import { type EventType, linesOf, type PublishedVersion } from './event-types.ts';
import { bare, isObject, type Json, type JsonSchema } from './json.ts';

/** Compatibility settings of an AWS Glue schema. */
export type RegistryMode = 'BACKWARD' | 'BACKWARD_ALL' | 'FORWARD' | 'FORWARD_ALL' | 'FULL' | 'FULL_ALL' | 'NONE';

/** A schema of the registry: the versions of one line. */
export interface RegistrySchema {
  readonly name: string;
  readonly compatibility: RegistryMode;
  readonly versions: readonly number[];
}

/** What Glue calls our modes. */
const NAMES: Readonly<Record<CompatibilityMode, RegistryMode>> = {
  BACKWARD: 'BACKWARD',
  BACKWARD_TRANSITIVE: 'BACKWARD_ALL',
  FORWARD: 'FORWARD',
  FORWARD_TRANSITIVE: 'FORWARD_ALL',
  FULL: 'FULL',
  FULL_TRANSITIVE: 'FULL_ALL',
  NONE: 'NONE',
};

/** Half of a mode, where the whole is too much for Glue. */
const WEAKER: Partial<Record<CompatibilityMode, CompatibilityMode>> = {
  FULL_TRANSITIVE: 'BACKWARD_TRANSITIVE',
  FULL: 'BACKWARD',
};

/** One schema a line: `cart.item-added`, and from version 2, which breaks, `cart.item-added.2`. */
export const registrySchemasOf = (type: EventType): readonly RegistrySchema[] =>
  linesOf(type).map((line, index) => ({
    name: index === 0 ? type.type : `${type.type}.${line[0]?.number}`,
    compatibility: enforceable(type.compatibility, line),
    versions: line.map(({ number }) => number),
  }));

/**
 * What the registry holds: what a producer may send, and nothing besides, without descriptions. Objects are closed, so that a serializer
 * finds misspelt members, and so that Glue can tell that an added optional member breaks no one.
 */
export function registryText(schema: JsonSchema): string {
  // Glue takes a schema without this keyword for draft 4.
  const head = isObject(schema) ? { $schema: schema.$schema } : {};
  return `${JSON.stringify({ ...head, ...(closed(bare(schema)) as object) })}\n`;
}

/** Not inside allOf, whose parts speak of different members of one object. */
function closed(part: Json): Json {
  if (Array.isArray(part)) return part.map(closed);
  if (!isObject(part)) return part;
  const members = Object.entries(part).map(([keyword, value]) => [keyword, closedMember(keyword, value)]);
  const open = part.properties !== undefined && part.additionalProperties === undefined;
  return { ...Object.fromEntries(members), ...(open ? { additionalProperties: false } : {}) };
}

function closedMember(keyword: string, value: Json): Json {
  if (['default', 'const', 'enum', 'required', 'allOf'].includes(keyword)) return value;
  if (!['properties', 'definitions'].includes(keyword) || !isObject(value)) return closed(value);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, closed(part)]));
}

/**
 * The strongest setting under which Glue takes the versions of a line. Its check reads and writes with one schema, so in FULL it refuses
 * every added member; what it cannot be asked to keep, `npm run schemas -- check` keeps alone.
 */
function enforceable(mode: CompatibilityMode, line: readonly PublishedVersion[]): RegistryMode {
  const candidates = [mode, WEAKER[mode], 'NONE' as const].filter((candidate) => candidate !== undefined);
  return NAMES[candidates.find((candidate) => takes(candidate, line)) ?? 'NONE'];
}

const takes = (mode: CompatibilityMode, line: readonly PublishedVersion[]): boolean => {
  const schemas = line.map(({ schema }) => closed(bare(schema as Json)) as JsonSchema);
  const { directions, transitive } = DEMANDS[mode];
  return schemas.every((newer, index) =>
    (transitive ? schemas.slice(0, index) : schemas.slice(Math.max(0, index - 1), index)).every((older) =>
      directions.every((direction) =>
        direction === 'BACKWARD' ? unreadable(older, newer).length === 0 : unreadable(newer, older).length === 0,
      ),
    ),
  );
};
