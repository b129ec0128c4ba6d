import { readdirSync, readFileSync } from 'node:fs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { checkRegistry } from '../../lib/check-registry.ts';
import { loadStage } from '../../lib/config.ts';
import { profilesRegistry, synthesize } from './support/synth.ts';
import type { Templates } from './support/templates.ts';

const templates = synthesize({ stage: 'prod' });
const jwt = synthesize({
  stage: 'prod',
  apiJwtIssuer: 'https://login.example.org/tenant',
  apiJwtAudience: 'profiles-api',
  apiJwtScope: 'profiles/read',
  apiRequestsPerSecond: '50',
  apiBurst: '80',
});

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, unknown>> };
}

const routesOf = (of: Templates) => of.resources('AWS::ApiGatewayV2::Route').map(({ properties }) => properties);

describe('every route of every manifest is deployed, and what matches none is answered by the function too', () => {
  const routes = routesOf(templates);

  test('with its key', () => {
    const declared = profilesRegistry.systems.flatMap(({ routes = [] }) => routes.map(({ path }) => `GET ${path}`));
    expect(declared.length).toBeGreaterThan(1);
    expect(routes.map(({ RouteKey }) => RouteKey).toSorted()).toEqual(
      [...declared, 'GET /health', '$default'].toSorted(),
    );
  });

  test('to one function, in payload format 2.0', () => {
    const { stack, properties } = templates.one('AWS::ApiGatewayV2::Integration');
    expect(properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    expect(templates.readable(stack, properties.IntegrationUri)).toBe('<Query/Function.Arn>');
    expect(new Set(routes.map(({ Target }) => JSON.stringify(Target))).size).toBe(1);
  });
});

describe('nobody gets in unseen', () => {
  test('callers sign their requests, unless a setting says otherwise', () => {
    expect(new Set(routesOf(templates).map(({ AuthorizationType }) => AuthorizationType))).toEqual(
      new Set(['AWS_IAM']),
    );
    expect(templates.resources('AWS::ApiGatewayV2::Authorizer')).toEqual([]);
  });

  test('or bring a token of an issuer, for an audience, with a scope', () => {
    const authorizer = jwt.one('AWS::ApiGatewayV2::Authorizer');
    expect(authorizer.properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://login.example.org/tenant', Audience: ['profiles-api'] },
    });
    for (const route of routesOf(jwt)) {
      expect(route).toMatchObject({
        AuthorizationType: 'JWT',
        AuthorizerId: { Ref: authorizer.id },
        AuthorizationScopes: ['profiles/read'],
      });
    }
  });

  test.each([
    [{ apiJwtIssuer: 'https://login.example.org' }, 'stages.dev.apiJwtAudience is not set; allowed: an audience if'],
    [{ apiJwtAudience: 'a' }, 'stages.dev.apiJwtAudience is "a"; allowed: an audience if apiJwtIssuer is set'],
    [{ apiJwtScope: 'a' }, 'stages.dev.apiJwtScope is "a"; allowed: left out if apiJwtIssuer is not set'],
    [{ apiJwtIssuer: 'login.example.org', apiJwtAudience: 'a' }, 'allowed: the URL of an OpenID Connect issuer'],
    [{ apiRequestsPerSecond: '0' }, 'stages.dev.apiRequestsPerSecond is 0; allowed: a whole number from 1 to 10000'],
  ])('%j is refused', (context, problem) => expect(() => loadStage(context)).toThrow(problem));
});

describe('the stage', () => {
  const stage = templates.one('AWS::ApiGatewayV2::Stage');

  test('deploys by itself and limits requests as it is set', () => {
    expect(stage.properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1_000 },
    });
    expect(jwt.one('AWS::ApiGatewayV2::Stage').properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 80,
    });
  });

  test('logs each request to an encrypted group, by variables that hold nothing of a person', () => {
    const { DestinationArn, Format } = stage.properties.AccessLogSettings;
    expect(templates.readable(stage.stack, DestinationArn)).toBe('<Query/AccessLogs.Arn>');
    expect([...Format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name).toSorted()).toEqual([
      'error.message',
      'integrationErrorMessage',
      'integrationLatency',
      'integrationStatus',
      'requestId',
      'requestTimeEpoch',
      'responseLatency',
      'responseLength',
      'routeKey',
      'status',
    ]);
    expect(() => JSON.parse(Format)).not.toThrow();
  });
});

describe('the function', () => {
  const fn = templates.one('AWS::Lambda::Function', 'Query/Function/Resource');
  const policy = templates.one('AWS::IAM::Policy', 'Query/Role/DefaultPolicy/Resource');
  const statements = policy.properties.PolicyDocument.Statement.map(({ Action, Resource, Condition }: Statement) => ({
    actions: [Action].flat().toSorted(),
    resources: [Resource].flat().map((resource) => templates.readable(policy.stack, resource)),
    via: templates.readable(policy.stack, Condition?.StringEquals['kms:ViaService'] ?? ''),
  }));

  test('may read rows by key and the indexes of its routes, and do nothing else', () => {
    expect(statements).toEqual([
      { actions: ['dynamodb:GetItem'], resources: ['<ProfilesTable/Table.Arn>'], via: '' },
      { actions: ['dynamodb:Query'], resources: ['<ProfilesTable/Table.Arn>/index/bySegment'], via: '' },
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: ['<Query/Logs.Arn>'], via: '' },
      {
        actions: ['kms:Decrypt'],
        resources: ['<DataKey.Arn>'],
        via: 'dynamodb.<AWS::Region>.<AWS::URLSuffix>',
      },
      { actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], resources: ['*'], via: '' },
    ]);
  });

  test('sends what it may, and may what it sends', () => {
    const folder = `${import.meta.dirname}/../../lambdas/query`;
    const source = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    const sent = [...source.join('\n').matchAll(/new (\w+Command)\b/g)].map(([, command]) => command);
    expect([...new Set(sent)].toSorted()).toEqual(['GetCommand', 'QueryCommand']);
  });

  test('knows its tables, runs as the processors do, and answers before API Gateway gives up', () => {
    const { Variables } = fn.properties.Environment;
    expect(templates.readable(fn.stack, Variables.STATE_TABLE_PROFILES)).toBe('<ProfilesTable/Table>');
    expect(fn.properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      TracingConfig: { Mode: 'Active' },
    });
    expect(fn.properties.Timeout).toBeLessThan(30);
  });
});

describe('routes that cannot be deployed are refused at synth', () => {
  const system = (name: string, routes: SystemManifest['routes'] = []): SystemManifest => ({
    name,
    description: name,
    entry: 'unused',
    inputStream: 'shop',
    outputStreams: [],
    alertQueues: [],
    deduplication: 'recent',
    indexes: [],
    routes,
  });
  const streams = profilesRegistry.streams;

  test.each<[string, SystemManifest[], string]>([
    [
      'a path of two systems, whatever its parameter is called',
      [system('a', [{ path: '/things/{id}' }]), system('b', [{ path: '/things/{name}' }])],
      '/things/{name} of system b is a route of system a already',
    ],
    ["the API's own path", [system('a', [{ path: '/health' }])], '/health of system a is a route of the API already'],
    [
      'an index that the table has not',
      [system('a', [{ path: '/things', index: 'byName' }])],
      'systems.a.routes: /things reads index byName; there are: none',
    ],
    ['a greedy path', [system('a', [{ path: '/things/{id+}' }])], 'systems.a.routes: /things/{id+} is no path'],
  ])('%s', (_, systems, problem) => expect(() => checkRegistry({ streams, systems })).toThrow(problem));

  test('and a stage without routes has no API', () => {
    const without = synthesize({ stage: 'prod' }, { streams, systems: [system('a')] });
    expect(without.resources('AWS::ApiGatewayV2::Api')).toEqual([]);
  });
});

test('tools find the API by an output', () => {
  const { Value } = templates.stateless.Outputs?.ApiEndpoint ?? {};
  expect(templates.readable('stateless', Value)).toBe('<Query/Api.ApiEndpoint>');
});
