import type * as z from 'zod';
import type { CloudEvent } from './event.ts';

/** One version of an event type's data. */
interface EventVersion {
  readonly schema: z.ZodType;
  /** Turns data of this version into data of the next one. Absent on the newest version. */
  readonly upcast?: (data: unknown) => unknown;
}

/** An event type with every version that was ever published. `Data` is the newest version's. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** One sentence for producers. */
  readonly description: string;
  /** Index 0 is version 1. */
  readonly versions: readonly EventVersion[];
  /** Only carries the type `Data`; holds nothing. */
  readonly data?: Data;
}

/** The newest version's number. */
export const newestVersion = (definition: EventDefinition): number => definition.versions.length;

/** Version 1 of an event type. */
export function defineEvent<Type extends string, Schema extends z.ZodType>(
  type: Type,
  description: string,
  schema: Schema,
): EventDefinition<Type, z.output<Schema>> {
  return { type, description, versions: [{ schema }] };
}

/** The same type with one version more; `upcast` must be pure, and total on whatever the previous version's schema accepts. */
export function evolve<Type extends string, Old, Schema extends z.ZodType>(
  definition: EventDefinition<Type, Old>,
  schema: Schema,
  upcast: (data: Old) => z.output<Schema>,
): EventDefinition<Type, z.output<Schema>> {
  const older = definition.versions.slice(0, -1);
  const previous = definition.versions.at(-1);
  if (previous === undefined) throw new Error(`${definition.type} has no version to evolve`);
  // The list is heterogeneous; `previous.schema` guarantees that `upcast` only ever sees Old.
  const bridge = { schema: previous.schema, upcast: upcast as (data: unknown) => unknown };
  return { ...definition, versions: [...older, bridge, { schema }] } as EventDefinition<Type, z.output<Schema>>;
}

/** The event that a definition describes, as a reducer sees it: upcast to the newest version. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Data> ? CloudEvent<Type, Data> : never;

/** Data of version `version` as data of the newest version. What an upcaster throws passes through. */
export function upcast(definition: EventDefinition, version: number, data: unknown): unknown {
  let current = data;
  for (const step of definition.versions.slice(version - 1, -1)) {
    if (step.upcast === undefined) throw new Error(`${definition.type} lacks an upcaster from an older version`);
    current = step.upcast(current);
  }
  return current;
}

/** Event types by name. */
export type Catalogue = ReadonlyMap<string, EventDefinition>;

/** Throws an Error that names the type if two definitions share one. */
export function catalogueOf(definitions: readonly EventDefinition[]): Catalogue {
  const catalogue = new Map<string, EventDefinition>();
  for (const definition of definitions) {
    if (catalogue.has(definition.type)) throw new Error(`Event type ${definition.type} is defined twice`);
    catalogue.set(definition.type, definition);
  }
  return catalogue;
}
