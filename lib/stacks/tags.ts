import { type Stack, Tags } from 'aws-cdk-lib';
import type { Stage } from '../config.ts';

/** The tag by which bills and access rules tell stages apart. */
export const stageTag = (stage: string) => ({ key: 'millrace-stage', value: stage }) as const;

/** Tags all resources of a stack that take tags. */
export function tag(stack: Stack, { name, settings }: Stage): void {
  const { key, value } = stageTag(name);
  for (const [name, text] of Object.entries({ ...settings.tags, [key]: value })) Tags.of(stack).add(name, text);
}
