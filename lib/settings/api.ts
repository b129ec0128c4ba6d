import { text, whole } from './values.ts';

/** The REST API. */
export const api = {
  apiRequestsPerSecond: whole(1, 10_000).describe(
    'Requests per second that the REST API answers; beyond it API Gateway answers 429.',
  ),
  apiBurst: whole(1, 5_000).describe('Requests of the REST API at once, above the rate.'),
  apiMemoryMb: whole(128, 10_240).describe("Memory of the REST API's function."),
  apiReservedConcurrency: whole(1, 10_000)
    .optional()
    .describe("Environments of the REST API's function at most. Left out: what the account has left."),
  apiJwtIssuer: text(/^https:\/\/\S+$/, 'the URL of an OpenID Connect issuer')
    .optional()
    .describe('Who issues tokens for the REST API. Left out: callers sign their requests, and IAM decides.'),
  apiJwtAudience: text(/^\S+$/, 'an audience without blanks')
    .optional()
    .describe('For whom the tokens are, as their claim `aud` or `client_id` has it: needed with `apiJwtIssuer`.'),
  apiJwtScope: text(/^\S+$/, 'one scope, without blanks')
    .optional()
    .describe('A scope that the tokens must have. Left out: any token for the audience will do.'),
};
