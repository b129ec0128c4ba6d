import type { StackDefinition } from './assembly.ts';
import { TemplateError } from './errors.ts';
import { resolve } from './intrinsics.ts';
import { dependencyOrder } from './order.ts';
import { referencesOf } from './references.ts';
import {
  type AssetDirectory,
  changedMembers,
  type Properties,
  type ResourceContext,
  type ResourceType,
  refuseFixed,
} from './resource-type.ts';
import type { Resource, StackScope } from './scope.ts';
import type { ResourceDefinition, Template } from './template.ts';

/** By CloudFormation's name. */
export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/** What the resources of one stack are made with. */
export interface Workshop {
  readonly definition: StackDefinition;
  readonly types: ResourceTypes;
  readonly scope: StackScope;
  readonly assetDirectory: AssetDirectory;
}

/** An output of a stack, with the name under which other stacks may import it. */
export interface Output {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/**
 * Logical ids in an order in which each comes after those that it refers to or depends on.
 *
 * @throws TemplateError for a type that the local cloud does not know, and for a ring.
 */
export function creationOrder({ name, template }: StackDefinition, types: ResourceTypes): string[] {
  const needs = new Map(
    Object.entries(template.Resources).map(([id, resource]) => {
      const ignored = typeOf(resource, types, `${name}/${id}`).kind === 'ignored';
      return [id, ignored ? [] : [...referencesOf(resource.Properties), ...resource.DependsOn]] as const;
    }),
  );
  return dependencyOrder(
    [...needs.keys()],
    (id) => needs.get(id) ?? [],
    (path) => new TemplateError('template.cycle', name, `resources need each other: ${path.join(' → ')}`),
  );
}

/** Whether the condition of a resource is true, or it has none. */
export function isWanted({ definition, scope }: Pick<Workshop, 'definition' | 'scope'>, logicalId: string): boolean {
  const condition = definition.template.Resources[logicalId]?.Condition;
  return condition === undefined || scope.condition(condition, `${definition.name}/${logicalId}`);
}

/** Makes a resource; nothing if its condition is false. @throws TemplateError, and what its service says. */
export async function makeResource(workshop: Workshop, logicalId: string): Promise<Resource | undefined> {
  const plan = planned(workshop, logicalId);
  if (plan === undefined) return undefined;
  const { type, context, properties } = plan;
  const base = { logicalId, type: context.type };
  if (type.kind === 'ignored') return { ...base, ...type.identity(context), ignored: type.reason };
  const resolved = properties();
  return { ...base, ...(await type.create(resolved, context)), properties: resolved };
}

/**
 * Changes a resource that exists to what the template says now.
 *
 * @returns `existing` itself if nothing changed; nothing if its condition is false now.
 * @throws as `makeResource` does.
 */
export async function changeResource(workshop: Workshop, existing: Resource): Promise<Resource | undefined> {
  const plan = planned(workshop, existing.logicalId);
  if (plan === undefined) return undefined;
  const { type, context, properties } = plan;
  if (type.kind === 'ignored') return existing;
  const change = { before: existing.properties ?? {}, after: properties() };
  if (changedMembers(change.before, change.after).length === 0) return existing;
  return { ...existing, ...(await type.update(change, existing, context)), properties: change.after };
}

/** Deletes a resource. */
export async function removeResource(types: ResourceTypes, resource: Resource): Promise<void> {
  const type = types[resource.type];
  if (type?.kind === 'supported') await type.remove(resource, resource.properties ?? {});
}

/**
 * Refuses an update that cannot be carried out, before any of it is.
 *
 * @throws TemplateError naming the resource and its properties.
 */
export function refuseUnsupportedUpdate(stack: string, before: Template, after: Template, types: ResourceTypes): void {
  for (const [id, { Type, Properties }] of Object.entries(after.Resources)) {
    const where = `${stack}/${id}`;
    const earlier = before.Resources[id];
    const type = types[Type];
    if (earlier === undefined || type === undefined) continue;
    if (earlier.Type !== Type) refuseFixed([`before: ${earlier.Type}`], { type: Type, where });
    if (type.kind === 'supported') {
      refuseFixed(type.fixed(changedMembers(earlier.Properties, Properties)), { type: Type, where });
    }
  }
}

/** The outputs of a stack whose resources exist. Those whose condition is false are left out. */
export function outputsOf({ name, template }: StackDefinition, scope: StackScope): Output[] {
  return Object.entries(template.Outputs).flatMap(([key, output]) => {
    const where = `${name}/Outputs.${key}`;
    if (output.Condition !== undefined && !scope.condition(output.Condition, where)) return [];
    return [
      {
        key,
        value: String(resolve(output.Value, scope, where)),
        ...(typeof output.Description === 'string' ? { description: output.Description } : {}),
        ...(output.Export ? { exportName: String(resolve(output.Export.Name, scope, where)) } : {}),
      },
    ];
  });
}

interface Planned {
  readonly type: ResourceType;
  readonly context: ResourceContext;
  readonly properties: () => Properties;
}

function planned(workshop: Workshop, logicalId: string): Planned | undefined {
  const { definition, types, scope } = workshop;
  const resource = definition.template.Resources[logicalId] as ResourceDefinition;
  const context = contextOf(workshop, logicalId, resource.Type);
  if (!isWanted(workshop, logicalId)) return undefined;
  return {
    type: typeOf(resource, types, context.where),
    context,
    properties: () => resolve(resource.Properties, scope, `${context.where} Properties`) as Properties,
  };
}

const contextOf = ({ definition, assetDirectory }: Workshop, logicalId: string, type: string): ResourceContext => ({
  stack: definition.name,
  logicalId,
  type,
  where: `${definition.name}/${logicalId}`,
  assetDirectory,
});

function typeOf(resource: ResourceDefinition, types: ResourceTypes, where: string): ResourceType {
  const type = types[resource.Type];
  if (type) return type;
  throw new TemplateError('template.unsupported-type', where, `the local cloud has no resource type ${resource.Type}`);
}
