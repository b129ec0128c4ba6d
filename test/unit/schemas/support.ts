import * as z from 'zod';
import {
  type CompatibilityMode,
  catalogueOf,
  defineEvent,
  type EventDefinition,
  evolve,
} from '../../../lambdas/core/catalogue.ts';
import { type EventType, eventTypesOf } from '../../../scripts/schemas/event-types.ts';
import type { Published } from '../../../scripts/schemas/published.ts';

const subject = { is: 'traveller', example: 'anna' };

export const TYPE = 'trip.ended';

/** A version of a test's type: its schema, an example, and perhaps that it breaks with the versions before. */
export interface Step {
  readonly schema: z.ZodType;
  readonly example?: unknown;
  readonly breaks?: string;
}

/** An event type with one version a step. Upcasters give the next example, whatever the data. */
export function definitionOf(mode: CompatibilityMode, ...steps: readonly Step[]): EventDefinition {
  const [first = { schema: z.object({}) }, ...later] = steps;
  const exampleOf = ({ example = {} }: Step) => example as never;
  const initial: EventDefinition = defineEvent(TYPE, {
    description: 'A trip has ended',
    owner: 'travel',
    subject,
    compatibility: mode,
    schema: first.schema,
    example: exampleOf(first),
  });
  return later.reduce<EventDefinition>(
    (definition, step) =>
      evolve(definition, {
        schema: step.schema,
        example: exampleOf(step),
        upcast: () => exampleOf(step),
        ...(step.breaks === undefined ? {} : { breaks: step.breaks }),
      }),
    initial,
  );
}

/** The type as it would be published. Throws an Error if it cannot be. */
export function typeOf(definition: EventDefinition): EventType {
  const { types, problems } = eventTypesOf(catalogueOf([definition]));
  const [type] = types;
  if (type === undefined || problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
  return type;
}

/** What was published once, given the definitions of that time. */
export const publishedAs = (...definitions: readonly EventDefinition[]): Published => ({
  label: 'HEAD~1',
  types: new Map(
    definitions.map(typeOf).map(({ type, compatibility, versions }) => [
      type,
      {
        compatibility,
        versions: new Map(versions.map(({ number, schema, breaks }) => [number, { schema, breaks }])),
      },
    ]),
  ),
});
