import type { Assembly, StackDefinition } from './assembly.ts';
import { TemplateError } from './errors.ts';
import { resolve } from './intrinsics.ts';
import { dependencyOrder } from './order.ts';
import { referencesOf } from './references.ts';
import type { ResourceType } from './resource-type.ts';
import { type Environment, type Resource, StackScope } from './scope.ts';
import type { ResourceDefinition } from './template.ts';

/** A stack that exists. */
export interface Stack {
  readonly name: string;
  /** By logical id, in the order in which they were made. Those whose condition is false are left out. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** Values of outputs by key. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** By CloudFormation's name. */
export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/**
 * Makes every stack of an assembly: its resources in the order of their references, then its outputs and exports.
 *
 * @throws TemplateError at the first thing that the local cloud cannot run. If it is a type or a ring of references,
 *   nothing has been made by then.
 */
export async function deploy(assembly: Assembly, types: ResourceTypes, environment: Environment): Promise<Stack[]> {
  const plans = assembly.stacks.map((definition) => ({ definition, order: creationOrder(definition, types) }));
  const exports = new Map<string, unknown>();
  const stacks: Stack[] = [];
  for (const { definition, order } of plans) {
    const resources = new Map<string, Resource>();
    const scope = new StackScope(definition, environment, resources, exports);
    for (const logicalId of order) {
      const resource = await create(definition, logicalId, assembly, types, scope);
      if (resource) resources.set(logicalId, resource);
    }
    stacks.push({ name: definition.name, resources, outputs: outputsOf(definition, scope, exports) });
  }
  return stacks;
}

function creationOrder({ name, template }: StackDefinition, types: ResourceTypes): string[] {
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

async function create(
  { name: stack, template }: StackDefinition,
  logicalId: string,
  assembly: Assembly,
  types: ResourceTypes,
  scope: StackScope,
): Promise<Resource | undefined> {
  const definition = template.Resources[logicalId] as ResourceDefinition;
  const where = `${stack}/${logicalId}`;
  if (definition.Condition !== undefined && !scope.condition(definition.Condition, where)) return undefined;
  const type = typeOf(definition, types, where);
  const assetDirectory = (key: string) => assembly.assetDirectory(key, where);
  const context = { stack, logicalId, where, assetDirectory };
  const base = { logicalId, type: definition.Type };
  if (type.kind === 'ignored') return { ...base, ...type.identity(context), ignored: type.reason };
  const properties = resolve(definition.Properties, scope, `${where} Properties`) as Record<string, unknown>;
  return { ...base, ...(await type.create(properties, context)) };
}

function outputsOf(
  { name, template }: StackDefinition,
  scope: StackScope,
  exports: Map<string, unknown>,
): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [key, output] of Object.entries(template.Outputs)) {
    const where = `${name}/Outputs.${key}`;
    if (output.Condition !== undefined && !scope.condition(output.Condition, where)) continue;
    const value = resolve(output.Value, scope, where);
    outputs[key] = String(value);
    if (output.Export) exports.set(String(resolve(output.Export.Name, scope, where)), value);
  }
  return outputs;
}

function typeOf(resource: ResourceDefinition, types: ResourceTypes, where: string): ResourceType {
  const type = types[resource.Type];
  if (type) return type;
  throw new TemplateError('template.unsupported-type', where, `the local cloud has no resource type ${resource.Type}`);
}
