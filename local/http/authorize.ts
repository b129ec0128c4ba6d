import { z } from 'zod';
import type { JwtAuthorizerDefinition } from './definition.ts';
import { type GatewayResponse, gatewayMessage } from './response.ts';

type Headers = ReadonlyMap<string, readonly string[]>;

/** Let in, with what the event tells of the caller, or refused with API Gateway's own answer. */
export type Verdict = { readonly allowed: object } | { readonly refused: GatewayResponse };

const SIGNATURE =
  /^AWS4-HMAC-SHA256 +Credential=([\w+=.@-]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, *SignedHeaders=([a-z0-9;-]+), *Signature=[0-9a-f]{64}$/;

/**
 * Whether a request is signed by Signature Version 4, for this API's service and region. That the signature is right, young and of somebody
 * who may call the API is not checked: there are no secrets and no permissions here.
 */
export function authorizeIam(headers: Headers, region: string, accountId: string): Verdict {
  const refused = { refused: gatewayMessage(403, 'Forbidden') };
  const [, accessKey = '', date, signedRegion, service, names = ''] =
    SIGNATURE.exec(headers.get('authorization')?.[0] ?? '') ?? [];
  if (date === undefined || signedRegion !== region || service !== 'execute-api') return refused;
  const signed = names.split(';');
  const time = headers.get('x-amz-date')?.[0] ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(date)) return refused;
  if (!signed.includes('host') || !signed.includes('x-amz-date')) return refused;
  const iam = {
    accessKey,
    accountId,
    callerId: accessKey,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:iam::${accountId}:user/${accessKey}`,
    userId: accessKey,
  };
  return { allowed: { iam } };
}

const claimsSchema = z.looseObject({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  client_id: z.string().optional(),
  exp: z.number(),
  nbf: z.number().optional(),
  scope: z.string().optional(),
  scp: z.array(z.string()).optional(),
});

/**
 * Whether a request carries a token of the issuer, for the audience, valid now, and with one of the scopes. That the issuer signed it is
 * not checked: its keys are on the network, which the local cloud does not use.
 */
export function authorizeJwt(
  headers: Headers,
  { issuer, audience }: JwtAuthorizerDefinition,
  scopes: readonly string[],
  nowMs: number,
): Verdict {
  const claims = claimsOf(headers.get('authorization')?.[0] ?? '');
  const seconds = nowMs / 1000;
  const given = [claims?.aud ?? claims?.client_id ?? []].flat();
  const isValid =
    claims !== undefined &&
    claims.iss === issuer &&
    given.some((one) => audience.includes(one)) &&
    claims.exp > seconds &&
    (claims.nbf ?? 0) <= seconds;
  if (!isValid) {
    return { refused: gatewayMessage(401, 'Unauthorized', { 'www-authenticate': 'Bearer error="invalid_token"' }) };
  }
  const held = claims.scp ?? claims.scope?.split(' ') ?? [];
  const found = scopes.filter((scope) => held.includes(scope));
  if (scopes.length > 0 && found.length === 0) {
    return { refused: gatewayMessage(403, 'Forbidden', { 'www-authenticate': 'Bearer error="insufficient_scope"' }) };
  }
  const texts = Object.entries(claims).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return { allowed: { jwt: { claims: Object.fromEntries(texts), scopes: scopes.length > 0 ? found : null } } };
}

function claimsOf(header: string): z.output<typeof claimsSchema> | undefined {
  const [, payload] = /^(?:Bearer +)?[\w-]+\.([\w-]+)\.[\w-]+$/i.exec(header) ?? [];
  if (payload === undefined) return undefined;
  try {
    return claimsSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
