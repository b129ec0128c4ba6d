import { type LocalServices, startLocalServices } from '../../../support/local-services.ts';

let local: LocalServices;
let count = 0;
beforeAll(async () => {
  local = await startLocalServices();
});
afterAll(() => local.stop());

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'n', ProtocolType: 'HTTP' } };
const stage = { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true };
const integration = {
  ApiId: { Ref: 'Api' },
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: FUNCTION,
  PayloadFormatVersion: '2.0',
};
const route = { ApiId: { Ref: 'Api' }, RouteKey: 'GET /x', Target: 'integrations/1', AuthorizationType: 'NONE' };
const authorizer = {
  ApiId: { Ref: 'Api' },
  AuthorizerType: 'JWT',
  IdentitySource: ['$request.header.Authorization'],
  JwtConfiguration: { Issuer: 'https://i', Audience: ['a'] },
  Name: 'n',
};

const make = (resources: object) => {
  count += 1;
  return local.make(`S${count}`, { Api: api, ...resources });
};

test('an API listens on loopback where its endpoint says, with what its template gives it', async () => {
  const stack = await make({
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ...stage,
        DefaultRouteSettings: { ThrottlingRateLimit: '5.5', ThrottlingBurstLimit: 7 },
        AccessLogSettings: {
          DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:Access:*',
          Format: '$context.status',
        },
      },
    },
    Integration: { Type: 'AWS::ApiGatewayV2::Integration', Properties: integration },
    Authorizer: { Type: 'AWS::ApiGatewayV2::Authorizer', Properties: authorizer },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ...route,
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
        AuthorizationType: 'JWT',
        AuthorizerId: { Ref: 'Authorizer' },
        AuthorizationScopes: ['s'],
      },
    },
  });
  const made = local.services.apis.at(-1);
  const apiId = stack.resources.get('Api')?.ref;
  expect(stack.resources.get('Api')?.attributes.ApiEndpoint).toBe(made?.url);
  expect(made?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const integrationId = stack.resources.get('Integration')?.ref ?? '';
  const authorizerId = stack.resources.get('Authorizer')?.ref ?? '';
  expect(made?.definition).toEqual({
    apiId,
    name: 'n',
    routes: [{ routeKey: 'GET /x', integrationId, authorization: { kind: 'jwt', authorizerId, scopes: ['s'] } }],
    integrations: new Map([[integrationId, { functionArn: FUNCTION, timeoutMs: 30_000 }]]),
    authorizers: new Map([[authorizerId, { issuer: 'https://i', audience: ['a'] }]]),
    stage: { throttle: { ratePerSecond: 5.5, burst: 7 }, accessLogFormat: '$context.status', accessLogGroup: 'Access' },
  });
});

test.each<[string, object, RegExp]>([
  ['Api', { Name: 'n', ProtocolType: 'WEBSOCKET' }, /ProtocolType: only HTTP APIs run locally/],
  ['Api', { Name: 'n', ProtocolType: 'HTTP', CorsConfiguration: {} }, /CorsConfiguration: neither honoured nor/],
  ['Stage', { ...stage, StageName: 'v1' }, /StageName: only the default stage/],
  ['Stage', { ...stage, AutoDeploy: false }, /AutoDeploy: a stage without automatic deployment/],
  ['Integration', { ...integration, IntegrationType: 'HTTP_PROXY' }, /IntegrationType: only functions/],
  ['Integration', { ...integration, PayloadFormatVersion: '1.0' }, /PayloadFormatVersion: functions get/],
  ['Route', { ...route, AuthorizationType: 'CUSTOM' }, /AuthorizationType/],
  ['Route', { ...route, RouteKey: 'things' }, /RouteKey: no route key/],
  ['Route', { ...route, ApiId: 'other' }, /there is no HTTP API other/],
  ['Authorizer', { ...authorizer, AuthorizerType: 'REQUEST' }, /AuthorizerType: only JWT/],
])('%s %j is refused by name', async (type, Properties, message) => {
  const resources = { Other: { Type: `AWS::ApiGatewayV2::${type}`, Properties } };
  await expect(make(resources)).rejects.toThrow(message);
});
