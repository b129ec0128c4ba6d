import type * as z from 'zod';
import type { CloudEvent } from './event.ts';
import type { PersonalData } from './personal-data.ts';

/**
 * How the versions of a type may differ, as Confluent's schema registry defines it. BACKWARD: a reader with the newer version reads data
 * of the older one. FORWARD: a reader with the older version reads data of the newer one. FULL: both. Plain: each version and the one
 * before it; TRANSITIVE: each and all before it. `npm run schemas -- check` proves it.
 */
export const COMPATIBILITY_MODES = [
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
  'NONE',
] as const;

export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number];

/** What the events of a type are about: their `subject`, which is their partition key and the key of keyed processors. */
export interface EventSubject {
  /** `user id`. */
  readonly is: string;
  readonly example: string;
  readonly pii?: PersonalData;
}

/** One version of an event type's data. */
interface EventVersion {
  readonly schema: z.ZodType;
  /** Data as a producer of this version would send it. */
  readonly example: unknown;
  /** Why a reader of other versions cannot read this one: compatibility then counts from here on. */
  readonly breaks?: string;
  /** Turns data of this version into data of the next one. Absent on the newest version. */
  readonly upcast?: (data: unknown) => unknown;
}

/** An event type with every version that was ever published. `Data` is the newest version's. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** One sentence for producers: what has happened. */
  readonly description: string;
  /** The team that answers for the type and agrees to its changes. */
  readonly owner: string;
  readonly subject: EventSubject;
  readonly compatibility: CompatibilityMode;
  /** Index 0 is version 1. */
  readonly versions: readonly EventVersion[];
  /** Only carries the type `Data`; holds nothing. */
  readonly data?: Data;
}

/** The newest version's number. */
export const newestVersion = (definition: EventDefinition): number => definition.versions.length;

/** What a new event type says of itself, and its version 1. */
export interface FirstVersion<Schema extends z.ZodType>
  extends Pick<EventDefinition, 'description' | 'owner' | 'subject'> {
  /** Default: FULL_TRANSITIVE. */
  readonly compatibility?: CompatibilityMode;
  readonly schema: Schema;
  readonly example: z.input<Schema>;
}

/** Version 1 of an event type. */
export function defineEvent<Type extends string, Schema extends z.ZodType>(
  type: Type,
  { schema, example, compatibility = 'FULL_TRANSITIVE', ...about }: FirstVersion<Schema>,
): EventDefinition<Type, z.output<Schema>> {
  return { type, ...about, compatibility, versions: [{ schema, example }] };
}

export interface NextVersion<Old, Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly example: z.input<Schema>;
  /** Must be pure, and total on whatever the previous version's schema accepts. */
  readonly upcast: (data: Old) => z.output<Schema>;
  /**
   * Only where the type's compatibility mode cannot be kept: one sentence that says why. This version is then not compared with the older
   * ones; whoever reads them together needs the upcaster.
   */
  readonly breaks?: string;
}

/** The same type with one version more. */
export function evolve<Type extends string, Old, Schema extends z.ZodType>(
  definition: EventDefinition<Type, Old>,
  { upcast, ...next }: NextVersion<Old, Schema>,
): EventDefinition<Type, z.output<Schema>> {
  const older = definition.versions.slice(0, -1);
  const previous = definition.versions.at(-1);
  if (previous === undefined) throw new Error(`${definition.type} has no version to evolve`);
  // The list is heterogeneous; `previous.schema` guarantees that `upcast` only ever sees Old.
  const bridge = { ...previous, upcast: upcast as (data: unknown) => unknown };
  return { ...definition, versions: [...older, bridge, next] } as EventDefinition<Type, z.output<Schema>>;
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
