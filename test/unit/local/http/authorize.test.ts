import { authorizeIam, authorizeJwt } from '../../../../local/http/authorize.ts';

const SIGNATURE = 'a'.repeat(64);
const signed = (changes: Readonly<Record<string, string>> = {}) => {
  const parts = {
    algorithm: 'AWS4-HMAC-SHA256',
    date: '20260102',
    region: 'us-east-1',
    service: 'execute-api',
    headers: 'host;x-amz-date',
    signature: SIGNATURE,
    time: '20260102T030405Z',
    ...changes,
  };
  const { algorithm, date, region, service, headers, signature, time } = parts;
  return new Map([
    [
      'authorization',
      [
        `${algorithm} Credential=AKID/${date}/${region}/${service}/aws4_request, SignedHeaders=${headers}, Signature=${signature}`,
      ],
    ],
    ['x-amz-date', [time]],
  ]);
};

describe('Signature Version 4', () => {
  test('lets a request in that has all of it, and names the caller', () => {
    const verdict = authorizeIam(signed(), 'us-east-1', '000000000000');
    expect(verdict).toMatchObject({ allowed: { iam: { accessKey: 'AKID', accountId: '000000000000' } } });
  });

  test.each<[string, ReadonlyMap<string, readonly string[]>]>([
    ['no header', new Map()],
    ['another scheme', new Map([['authorization', ['Bearer x.y.z']]])],
    ['another algorithm', signed({ algorithm: 'AWS4-HMAC-SHA1' })],
    ['another region', signed({ region: 'eu-west-1' })],
    ['another service', signed({ service: 'lambda' })],
    ['a scope of another day than its time', signed({ date: '20260103' })],
    ['a time that is none', signed({ time: '2026-01-02T03:04:05Z' })],
    ['a signature that leaves the host out', signed({ headers: 'x-amz-date' })],
    ['a signature that leaves the time out', signed({ headers: 'host' })],
    ['a signature that is cut', signed({ signature: SIGNATURE.slice(1) })],
  ])('refuses a request with %s', (_, headers) => {
    expect(authorizeIam(headers, 'us-east-1', '000000000000')).toMatchObject({ refused: { status: 403 } });
  });
});

const ISSUER = 'https://login.example.org';
const NOW_MS = Date.UTC(2026, 0, 1);
const NOW = NOW_MS / 1000;

const token = (claims: object): ReadonlyMap<string, readonly string[]> => {
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
  return new Map([['authorization', [`Bearer ${part({ alg: 'RS256' })}.${part(claims)}.c2ln`]]]);
};
const claims = { iss: ISSUER, aud: 'profiles', exp: NOW + 60, scope: 'a profiles/read', level: 3 };
const authorizer = { issuer: ISSUER, audience: ['profiles', 'others'] };
const scopes = ['profiles/read'];

describe('a JSON Web Token', () => {
  test('lets a request in, with its claims as texts', () => {
    const { level: _, ...rest } = claims;
    expect(authorizeJwt(token(claims), authorizer, scopes, NOW_MS)).toEqual({
      allowed: { jwt: { claims: { ...rest, exp: String(NOW + 60), level: '3' }, scopes } },
    });
  });

  test.each([
    ['for a client instead of an audience', { ...claims, aud: undefined, client_id: 'others' }],
    ['for several audiences', { ...claims, aud: ['x', 'profiles'] }],
    ['with its scopes in a list', { ...claims, scope: undefined, scp: ['profiles/read'] }],
  ])('%s does too', (_, changed) => {
    expect(authorizeJwt(token(changed), authorizer, scopes, NOW_MS)).toHaveProperty('allowed');
  });

  test.each<[string, ReadonlyMap<string, readonly string[]>, number]>([
    ['is not there', new Map(), 401],
    ['is no token', new Map([['authorization', ['Bearer x']]]), 401],
    ['holds no JSON', new Map([['authorization', ['Bearer eA.eA.eA']]]), 401],
    ['is of another issuer', token({ ...claims, iss: 'https://evil.example' }), 401],
    ['is for somebody else', token({ ...claims, aud: 'billing' }), 401],
    ['has expired', token({ ...claims, exp: NOW }), 401],
    ['is not valid yet', token({ ...claims, nbf: NOW + 1 }), 401],
    ['never expires', token({ ...claims, exp: undefined }), 401],
    ['lacks the scope', token({ ...claims, scope: 'a b' }), 403],
  ])('that %s lets nobody in', (_, headers, status) => {
    expect(authorizeJwt(headers, authorizer, scopes, NOW_MS)).toMatchObject({ refused: { status } });
  });
});
