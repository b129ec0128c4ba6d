import { eventNamesOf } from '../../lambdas/core/adapter.ts';
import type { Catalogue, CompatibilityMode, EventDefinition, EventSubject } from '../../lambdas/core/catalogue.ts';
import { upcast } from '../../lambdas/core/catalogue.ts';
import { type CloudEvent, dataSchemaOf } from '../../lambdas/core/event.ts';
import type { StreamManifest } from '../../lambdas/core/manifest.ts';
import { jsonSchemaOf, Unpublishable } from './from-zod.ts';
import type { Json, JsonSchema } from './json.ts';

/** A version as it is published. */
export interface PublishedVersion {
  readonly number: number;
  readonly schema: JsonSchema;
  /** Why it starts a line of its own, see `linesOf`. */
  readonly breaks: string | undefined;
  readonly example: CloudEvent;
}

/** An event type as it is published. */
export interface EventType {
  readonly type: string;
  readonly description: string;
  readonly owner: string;
  readonly subject: EventSubject;
  readonly compatibility: CompatibilityMode;
  /** From version 1. */
  readonly versions: readonly PublishedVersion[];
}

/** A type that cannot be published as its definition is. */
export interface Problem {
  readonly type: string;
  readonly version: number;
  readonly message: string;
}

/** Types and versions that the adapters of streams name, and that the catalogue does not have. */
export const adapterProblems = (streams: readonly StreamManifest[], catalogue: Catalogue): readonly Problem[] =>
  streams.flatMap(({ name, adapter }) =>
    (adapter === undefined ? [] : eventNamesOf(adapter))
      .filter(({ type, version }) => catalogue.get(type)?.versions[version - 1] === undefined)
      .map(({ type, version }) => ({
        type,
        version,
        message: `the adapter of stream ${name} names it, and the catalogue does not have it`,
      })),
  );

/** When the events of the examples happen. */
const EXAMPLE_TIME = '2026-11-03T08:15:30.000Z';

/** The types of a catalogue in the order of their names, and why some cannot be published. */
export function eventTypesOf(catalogue: Catalogue): { readonly types: EventType[]; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const types = [...catalogue.values()]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((definition) => eventTypeOf(definition, problems));
  return { types, problems };
}

function eventTypeOf(definition: EventDefinition, problems: Problem[]): EventType {
  const { type, description, owner, subject, compatibility } = definition;
  const versions = definition.versions.map((version, index) => {
    const number = index + 1;
    const report = (message: string): void => void problems.push({ type, version: number, message });
    checkExample(definition, number, report);
    return {
      number,
      schema: publishable(() => jsonSchemaOf(version.schema, type, number, description), report),
      breaks: version.breaks,
      example: exampleOf(definition, number),
    };
  });
  return { type, description, owner, subject, compatibility, versions };
}

function publishable(make: () => JsonSchema, report: (message: string) => void): JsonSchema {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Unpublishable)) throw error;
    for (const problem of error.problems) report(problem);
    return true;
  }
}

function exampleOf({ type, subject, owner, versions }: EventDefinition, number: number): CloudEvent {
  return {
    specversion: '1.0',
    id: `${type}-example-${number}`,
    source: `urn:example:${owner}`,
    type,
    time: EXAMPLE_TIME,
    subject: subject.example,
    dataschema: dataSchemaOf(type, number),
    datacontenttype: 'application/json',
    data: versions[number - 1]?.example as Json,
  };
}

/** An example must satisfy its own version, and, upcast, the newest one. */
function checkExample(definition: EventDefinition, number: number, report: (message: string) => void): void {
  const version = definition.versions[number - 1];
  const newest = definition.versions.at(-1);
  const own = version?.schema.safeParse(version.example);
  if (!own?.success) {
    report(`its example does not satisfy its own schema: ${own?.error.issues.map(issueText).join('; ')}`);
    return;
  }
  try {
    const parsed = newest?.schema.safeParse(upcast(definition, number, own.data));
    if (parsed?.success) return;
    report(
      `its example, upcast, does not satisfy the newest version: ${parsed?.error.issues.map(issueText).join('; ')}`,
    );
  } catch (error) {
    report(`its upcaster throws on its example: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const issueText = ({ path, message }: { path: PropertyKey[]; message: string }): string =>
  `${path.map(String).join('.') || 'data'}: ${message}`;

/**
 * Versions that are compared with each other: a version with `breaks` begins a new line. (Confluent calls that a compatibility group.)
 */
export function linesOf({ versions }: EventType): readonly (readonly PublishedVersion[])[] {
  const lines: PublishedVersion[][] = [];
  for (const version of versions) {
    const line = lines.at(-1);
    if (line === undefined || version.breaks !== undefined) lines.push([version]);
    else line.push(version);
  }
  return lines;
}
