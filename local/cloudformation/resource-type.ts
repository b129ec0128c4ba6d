import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
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
  /** `AWS::SQS::Queue`. */
  readonly type: string;
  /** For messages: `Stack/LogicalId`. */
  readonly where: string;
  /** The directory of an asset, by the key and the bucket under which the CDK uploads it. */
  assetDirectory: AssetDirectory;
}

/** Finds an asset that is a directory. @throws TemplateError if there is none. */
export type AssetDirectory = (key: string, bucket: string) => string | Promise<string>;

/** A type that the local cloud makes. */
export interface SupportedType {
  readonly kind: 'supported';
  /** @throws TemplateError for a property that is malformed, or that the local cloud neither honours nor ignores. */
  create(properties: Properties, context: ResourceContext): Promise<Physical>;
  /** Those of the changed top-level properties that cannot change in a resource that exists. */
  fixed(changed: readonly string[]): readonly string[];
  /**
   * Changes a resource that exists, if what changed means anything here.
   *
   * @throws TemplateError as `create` does, and for a property that cannot change.
   */
  update(change: PropertyChange, physical: Physical, context: ResourceContext): Promise<Physical>;
  /** Deletes what `create` made. */
  remove(physical: Physical, properties: Properties): Promise<void>;
}

/** Resolved properties of a resource. */
export type Properties = Readonly<Record<string, unknown>>;

/** The properties of a resource before and after an update, both resolved. */
export interface PropertyChange {
  readonly before: Properties;
  readonly after: Properties;
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
  /** Gives a resource that exists all of its properties anew. Absent: none of the honoured ones can change. */
  readonly update?: {
    /** Top-level properties that cannot change. */
    readonly fixed: readonly string[];
    apply(properties: z.output<S>, physical: Physical, context: ResourceContext): Promise<Physical>;
  };
  readonly remove: (physical: Physical, properties: Properties) => Promise<void>;
}

/** A supported type that checks its properties before it is made or changed. */
export function supported<S extends z.ZodType>(definition: TypeDefinition<S>): SupportedType {
  const matters = (name: string): boolean => !(name in definition.ignored);
  const checked = (properties: Properties, context: ResourceContext): z.output<S> => {
    const relevant = Object.entries(properties).filter(([name]) => matters(name));
    const parsed = definition.honoured.safeParse(Object.fromEntries(relevant));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map(describe).join('; ');
    throw new TemplateError('template.unsupported-property', `${context.where} Properties`, problems);
  };
  const fixed = (changed: readonly string[]): readonly string[] =>
    changed.filter((name) => matters(name) && (definition.update?.fixed.includes(name) ?? true));
  return {
    kind: 'supported',
    create: async (properties, context) => definition.create(checked(properties, context), context),
    fixed,
    update: async ({ before, after }, physical, context) => {
      const changed = changedMembers(before, after).filter(matters);
      if (changed.length === 0) return physical;
      refuseFixed(fixed(changed), context);
      return definition.update?.apply(checked(after, context), physical, context) ?? physical;
    },
    remove: definition.remove,
  };
}

/** Names of the members in which two objects differ. */
export function changedMembers(before: Properties, after: Properties): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** @throws TemplateError if there is any. */
export function refuseFixed(fixed: readonly string[], { type, where }: Pick<ResourceContext, 'type' | 'where'>): void {
  if (fixed.length === 0) return;
  const problem = `update of ${type} (${fixed.join(', ')}) is not supported by the local cloud; delete the stack and deploy it anew`;
  throw new TemplateError('template.unsupported-update', where, problem);
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
