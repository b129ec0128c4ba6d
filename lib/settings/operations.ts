import { z } from 'zod';
import { flag, oneOf, text, whole } from './values.ts';

/** Retention periods that CloudWatch Logs accepts, in days (PutRetentionPolicy). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** How data is kept and who reads it. */
export const protection = {
  logRetentionDays: z
    .literal(LOG_RETENTION_DAYS, `one of ${LOG_RETENTION_DAYS.join(', ')}`)
    .describe('Days for which logs are kept.'),
  recoveryDays: whole(1, 35).describe(
    'Days to which a table can be restored. They also bound how long an erased person survives in backups.',
  ),
  protectData: flag().describe(
    'Tables refuse deletion, and CloudFormation leaves everything that holds data behind when a stack goes.',
  ),
  analystsReadPersonalData: flag().describe(
    "The analysts' policy also covers attributes that a manifest lists as personal, and the keys of rows in indexes.",
  ),
};

/** What tells people how the stage is doing. */
export const operations = {
  tracing: flag().describe('Functions send traces to X-Ray.'),
  iteratorAgeWarningMinutes: whole(1, 1_440).describe('Iterator age at which somebody should look.'),
  iteratorAgeCriticalMinutes: whole(1, 10_080).describe('Iterator age at which profiles are stale for users.'),
  timeLeftHours: whole(1, 8_760).describe(
    'Hours left before the oldest unread record expires, below which somebody is woken.',
  ),
  freshnessSeconds: whole(1, 3_600).describe(
    'Freshness objective: seconds from the arrival of an event to its row, for 99 of 100 commits of a minute. Not watched in `replayMode`.',
  ),
  freshnessPercent: whole(50, 99).describe('Percent of minutes in which the freshness objective must hold.'),
  runbookUrl: text(/^\S+$/, 'a URL or a path, without blanks')
    .optional()
    .describe('Where the runbook is, for the links of alarms. Left out: docs/runbook.md.'),
  monthlyBudgetUsd: whole(1, 10_000_000)
    .optional()
    .describe(
      'US dollars a month. The alarm topic is told when they are forecast to be spent, and when 80 % and all of them are. Left out: no budget. GovCloud regions have none.',
    ),
  budgetScope: oneOf('account', 'stage').describe(
    'What the budget counts: everything in the account, or what bears the tag `millrace-stage` of the stage. The tag must be activated as a cost allocation tag; until then it counts nothing.',
  ),
};
