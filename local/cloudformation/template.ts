import { z } from 'zod';
import { TemplateError } from './errors.ts';

const resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
  Condition: z.string().optional(),
  Metadata: z.unknown().optional(),
  /** What becomes of it when it goes from its stack. Snapshots are of services that the local cloud has not. */
  DeletionPolicy: z.enum(['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot']).default('Delete'),
  // Nothing is ever replaced here.
  UpdateReplacePolicy: z.unknown().optional(),
});

const output = z.strictObject({
  Value: z.unknown(),
  Description: z.unknown().optional(),
  Condition: z.string().optional(),
  Export: z.strictObject({ Name: z.unknown() }).optional(),
});

const parameter = z.looseObject({ Type: z.string(), Default: z.unknown().optional() });

const template = z.strictObject({
  AWSTemplateFormatVersion: z.unknown().optional(),
  Description: z.unknown().optional(),
  Metadata: z.unknown().optional(),
  // Rules compare parameters before a deployment; the CDK writes one, for the version of the bootstrap stack.
  Rules: z.unknown().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), output).default({}),
});

/** A resource of a template, its intrinsics unresolved. */
export type ResourceDefinition = z.output<typeof resource>;

/** A CloudFormation template, its intrinsics unresolved. */
export type Template = z.output<typeof template>;

/**
 * Reads the sections of a template.
 *
 * @throws TemplateError for a section or a resource attribute that the local cloud does not know, such as `Transform`,
 *   `Mappings` or `CreationPolicy`, by its path.
 */
export function parseTemplate(stack: string, json: unknown): Template {
  const parsed = template.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new TemplateError('template.invalid', stack, z.prettifyError(parsed.error));
}
