import { z } from 'zod';
import { oneOf, text, whole } from './values.ts';

const PRINCIPALS = 'account ids or ARNs of roles and users by stream, such as {"shop":["111122223333"]}';

/** The streams that the stage makes. */
export const streams = {
  streamMode: oneOf('provisioned', 'on-demand').describe('Capacity mode of the streams.'),
  shards: whole(1, 10_000)
    .optional()
    .describe(
      'Shards per stream: needed for provisioned streams, refused for on-demand ones, which scale by themselves.',
    ),
  retentionDays: whole(1, 365).describe(
    'Days for which streams keep records: the time to repair a consumer before data is lost, and for which an erased person remains in them.',
  ),
  producers: z
    .record(
      z.string(),
      z
        .array(text(/^(\d{12}|arn:[a-z-]+:iam::\d{12}:(role|user)\/[\w+=,.@/-]+)$/, PRINCIPALS), PRINCIPALS)
        .min(1, PRINCIPALS),
      PRINCIPALS,
    )
    .optional()
    .describe(
      'Principals of other accounts that may put on a stream. Whoever can put can write any source and subject (docs/security.md). The owner of `dataKeyArn` must let them use the key.',
    ),
};
