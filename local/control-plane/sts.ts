import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ACCOUNT_ID } from '../emulators/emulators.ts';
import type { Dispatch } from '../emulators/front.ts';
import { inputOf, queryService } from './query-protocol.ts';

const HOUR_MS = 3_600_000;

const assumeRole = z.looseObject({
  RoleArn: z.string().regex(/^arn:[\w-]+:iam::\d{12}:role\/.+/, 'no ARN of a role'),
  RoleSessionName: z.string(),
});

/** STS: everybody is the one account, and may assume any role. Nobody checks the credentials that it gives. */
export const stsApi = (report: (error: unknown) => void): Dispatch =>
  queryService(
    'STS',
    'https://sts.amazonaws.com/doc/2011-06-15/',
    {
      GetCallerIdentity: () => ({ Arn: `arn:aws:iam::${ACCOUNT_ID}:user/local`, UserId: 'LOCAL', Account: ACCOUNT_ID }),
      AssumeRole: (input) => {
        const { RoleArn, RoleSessionName } = inputOf(assumeRole, input);
        const role = RoleArn.slice(RoleArn.indexOf('/') + 1);
        return {
          Credentials: {
            AccessKeyId: 'local',
            SecretAccessKey: 'local',
            SessionToken: randomUUID(),
            Expiration: new Date(Date.now() + HOUR_MS),
          },
          AssumedRoleUser: {
            AssumedRoleId: `LOCAL:${RoleSessionName}`,
            Arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}/${RoleSessionName}`,
          },
        };
      },
    },
    report,
  );
