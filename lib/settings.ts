import { z } from 'zod';
import { api } from './settings/api.ts';
import { operations, protection } from './settings/operations.ts';
import { existing, placement } from './settings/placement.ts';
import { processing } from './settings/processing.ts';
import { streams } from './settings/streams.ts';

/** The settings by what they are about, as docs/settings.md shows them. */
export const settingGroups = [
  { title: 'Where it lives, and under whose rules', shape: placement },
  { title: 'What is there already', shape: existing },
  { title: 'Streams', shape: streams },
  { title: 'Processing', shape: processing },
  { title: 'REST API', shape: api },
  { title: 'Data and who reads it', shape: protection },
  { title: 'Operations', shape: operations },
] as const;

/**
 * The settings of one stage. Flat, so that `-c <setting>=<value>` can override each of them.
 * Ranges are those of the services; a value outside fails at synth instead of half-way through a deployment.
 */
export const settingsSchema = z
  .strictObject({
    ...placement,
    ...existing,
    ...streams,
    ...processing,
    ...api,
    ...protection,
    ...operations,
  })
  .refine((s) => (s.streamMode === 'provisioned') === (s.shards !== undefined), {
    path: ['shards'],
    message: 'a number of 1 or more if streamMode is provisioned, left out if it is on-demand',
  })
  .refine((s) => (s.apiJwtIssuer === undefined) === (s.apiJwtAudience === undefined), {
    path: ['apiJwtAudience'],
    message: 'an audience if apiJwtIssuer is set, left out if it is not',
  })
  .refine((s) => s.apiJwtIssuer !== undefined || s.apiJwtScope === undefined, {
    path: ['apiJwtScope'],
    message: 'left out if apiJwtIssuer is not set: IAM knows no scopes',
  })
  .refine((s) => s.iteratorAgeWarningMinutes < s.iteratorAgeCriticalMinutes, {
    path: ['iteratorAgeWarningMinutes'],
    message: 'less than iteratorAgeCriticalMinutes',
  })
  .refine((s) => s.iteratorAgeCriticalMinutes < (shortestRetentionHours(s) - s.timeLeftHours) * 60, {
    path: ['timeLeftHours'],
    message:
      'so few that iteratorAgeCriticalMinutes comes earlier: the retention of every stream, less these hours, must be longer',
  })
  .refine((s) => new Set([s.vpcId, s.subnetIds, s.securityGroupIds].map((part) => part === undefined)).size === 1, {
    path: ['vpcId'],
    message: 'the id of a VPC, with subnetIds and securityGroupIds, or left out like both',
  })
  .refine((s) => Object.keys(s.producers ?? {}).every((stream) => !Object.hasOwn(s.existingStreams ?? {}, stream)), {
    path: ['producers'],
    message: 'only streams that the stage makes: who may put on an existing one is in the hands of its owner',
  });

export type Settings = Readonly<z.output<typeof settingsSchema>>;
export type SettingsInput = Readonly<z.input<typeof settingsSchema>>;

function shortestRetentionHours(s: {
  readonly retentionDays: number;
  readonly existingStreams?: Readonly<Record<string, { readonly retentionHours: number }>> | undefined;
}): number {
  return Math.min(s.retentionDays * 24, ...Object.values(s.existingStreams ?? {}).map((one) => one.retentionHours));
}
