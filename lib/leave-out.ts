import { CfnResource, type Stack } from 'aws-cdk-lib';
import type { Registry } from './check-registry.ts';
import type { Part } from './settings/placement.ts';

/** The CloudFormation types that go with each part. Nothing that stays refers to them. */
const TYPES = {
  alarms: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard'],
  'composite-alarms': ['AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard'],
  dashboards: ['AWS::CloudWatch::Dashboard'],
  'schema-registry': ['AWS::Glue::Registry', 'AWS::Glue::Schema', 'AWS::Glue::SchemaVersion'],
  api: [],
} as const satisfies Readonly<Record<Part, readonly string[]>>;

/** The registry without what a left-out part would be made of: no system has routes where there is no REST API. */
export function without(parts: readonly Part[], registry: Registry): Registry {
  if (!parts.includes('api')) return registry;
  return { ...registry, systems: registry.systems.map((system) => ({ ...system, routes: [] })) };
}

/** Removes the parts from a stack: for emulators of AWS that have not all of its services. */
export function leaveOut(stack: Stack, parts: readonly Part[]): void {
  const types = new Set<string>(parts.flatMap((part) => TYPES[part]));
  for (const construct of stack.node.findAll()) {
    if (!CfnResource.isCfnResource(construct) || !types.has(construct.cfnResourceType)) continue;
    construct.node.scope?.node.tryRemoveChild(construct.node.id);
  }
}
