import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TemplateError } from './errors.ts';

/** What a resource is once it exists: the value of Ref, and those of Fn::GetAtt by attribute name. */
export interface Physical {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a resource type knows of the resource that it makes. */
export interface ResourceContext {
  readonly stack: string;
  readonly logicalId: string;
  /** For messages: `Stack/LogicalId`. */
  readonly where: string;
  /** The directory of an asset, by the key under which the CDK would upload it. */
  assetDirectory(key: string): string;
}

/** A type that the local cloud makes. */
export interface SupportedType {
  readonly kind: 'supported';
  /** @throws TemplateError for a property that is malformed, or that the local cloud neither honours nor ignores. */
  create(properties: Readonly<Record<string, unknown>>, context: ResourceContext): Promise<Physical>;
}

/** A type that means nothing on one machine. Its properties are not even resolved; it has a name and an ARN to refer to. */
export interface IgnoredType {
  readonly kind: 'ignored';
  readonly reason: string;
  identity(context: ResourceContext): Physical;
}

export type ResourceType = SupportedType | IgnoredType;

interface TypeDefinition<S extends z.ZodType> {
  /** The properties that are honoured, of resolved values. Objects in it are strict. */
  readonly honoured: S;
  /** Top-level properties that mean nothing on one machine, each with the reason. */
  readonly ignored: Readonly<Record<string, string>>;
  readonly create: (properties: z.output<S>, context: ResourceContext) => Promise<Physical>;
}

/** A supported type that checks its properties before it is made. */
export function supported<S extends z.ZodType>(definition: TypeDefinition<S>): SupportedType {
  return {
    kind: 'supported',
    create: async (properties, context) => {
      const relevant = Object.entries(properties).filter(([name]) => !(name in definition.ignored));
      const parsed = definition.honoured.safeParse(Object.fromEntries(relevant));
      if (parsed.success) return definition.create(parsed.data, context);
      const problems = parsed.error.issues.map(describe).join('; ');
      throw new TemplateError('template.unsupported-property', `${context.where} Properties`, problems);
    },
  };
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
  const names = issue.keys.map((key) => (path ? `${path}.${key}` : key)).join(', ');
  return `${names}: neither honoured nor ignored by the local cloud`;
}

/** CloudFormation takes numbers and Booleans as text, too. */
export const integer = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
export const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/**
 * The name of a resource that the template does not name: stack, logical id and a suffix, as CloudFormation makes them,
 * but the same at every start.
 *
 * @param most characters at most; what is cut is the end of the logical id.
 */
export function physicalName({ stack, logicalId }: ResourceContext, most: number): string {
  const suffix = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  return `${`${stack}-${logicalId}`.slice(0, most - suffix.length - 1)}-${suffix}`;
}
