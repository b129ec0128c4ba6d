import { z } from 'zod';
import { TemplateError } from '../cloudformation/errors.ts';
import {
  boolean,
  integer,
  physicalName,
  type ResourceContext,
  type SupportedType,
  supported,
} from '../cloudformation/resource-type.ts';
import { ACCOUNT_ID, REGION } from '../emulators/emulators.ts';
import { LocalApi } from '../http/api.ts';
import type { ApiDefinition, Authorization, RouteDefinition, StageDefinition } from '../http/definition.ts';
import { REASONS, removeOnly, replaceOnly, type Services } from './services.ts';

/** API Gateway's longest integration timeout for HTTP APIs, and its default (API Reference, Integration). */
const LONGEST_TIMEOUT_MS = 30_000;

/** AWS::ApiGatewayV2::Api of protocol HTTP: it listens on loopback from now on, which its endpoint names. */
export const httpApi = ({ apis }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      Name: z.string(),
      ProtocolType: z.literal('HTTP', 'only HTTP APIs run locally'),
    }),
    ignored: { Description: REASONS.text, Tags: REASONS.tags },
    create: async ({ Name }, context) => {
      const definition: ApiDefinition = {
        apiId: idOf(context),
        name: Name,
        routes: [],
        integrations: new Map(),
        authorizers: new Map(),
        stage: undefined,
      };
      const api = await LocalApi.listen(definition, { region: REGION, accountId: ACCOUNT_ID });
      apis.push(api);
      return { ref: definition.apiId, attributes: { ApiId: definition.apiId, ApiEndpoint: api.url } };
    },
    remove: async ({ ref }) => {
      const api = apis.find(({ definition }) => definition.apiId === ref);
      removeOnly(apis, ({ definition }) => definition.apiId === ref);
      await api?.close();
    },
  });

const stageProperties = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default', 'only the default stage runs locally: it has no prefix in its paths'),
  AutoDeploy: boolean.refine((deploys) => deploys, 'a stage without automatic deployment serves nothing'),
  AccessLogSettings: z.strictObject({ DestinationArn: z.string(), Format: z.string() }).optional(),
  DefaultRouteSettings: z
    .strictObject({
      ThrottlingRateLimit: z.coerce.number().positive(),
      ThrottlingBurstLimit: integer,
    })
    .optional(),
});

/** AWS::ApiGatewayV2::Stage: the default one, whose settings hold for all routes. */
export const httpStage = ({ apis }: Services): SupportedType =>
  supported({
    honoured: stageProperties,
    ignored: { Description: REASONS.text, Tags: REASONS.tags },
    create: async (properties, context) => {
      apiOf(apis, properties.ApiId, context).stage = stageOf(properties);
      return { ref: properties.StageName, attributes: {} };
    },
    update: {
      fixed: ['ApiId', 'StageName'],
      apply: async (properties, physical, context) => {
        apiOf(apis, properties.ApiId, context).stage = stageOf(properties);
        return physical;
      },
    },
    remove: async (_physical, { ApiId }) => {
      const api = known(apis, ApiId);
      if (api !== undefined) api.stage = undefined;
    },
  });

const stageOf = ({
  AccessLogSettings: log,
  DefaultRouteSettings: limits,
}: z.output<typeof stageProperties>): StageDefinition => ({
  ...(limits === undefined
    ? {}
    : { throttle: { ratePerSecond: limits.ThrottlingRateLimit, burst: limits.ThrottlingBurstLimit } }),
  ...(log === undefined
    ? {}
    : { accessLogFormat: log.Format, accessLogGroup: log.DestinationArn.replace(/^.*:log-group:|:\*$/g, '') }),
});

/** AWS::ApiGatewayV2::Integration with a function, in payload format 2.0. */
export const httpIntegration = ({ apis }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      ApiId: z.string(),
      IntegrationType: z.literal('AWS_PROXY', 'only functions are integrated locally'),
      IntegrationUri: z.string().regex(/:function:/, 'only functions are integrated locally'),
      PayloadFormatVersion: z.literal('2.0', 'functions get payload format 2.0 only'),
      TimeoutInMillis: integer.default(LONGEST_TIMEOUT_MS),
    }),
    ignored: { Description: REASONS.text },
    create: async ({ ApiId, IntegrationUri, TimeoutInMillis }, context) => {
      const id = idOf(context);
      const integration = { functionArn: IntegrationUri, timeoutMs: TimeoutInMillis };
      apiOf(apis, ApiId, context).integrations.set(id, integration);
      return { ref: id, attributes: { IntegrationId: id } };
    },
    update: {
      fixed: ['ApiId'],
      apply: async ({ ApiId, IntegrationUri, TimeoutInMillis }, physical, context) => {
        const integration = { functionArn: IntegrationUri, timeoutMs: TimeoutInMillis };
        apiOf(apis, ApiId, context).integrations.set(physical.ref, integration);
        return physical;
      },
    },
    remove: async ({ ref }, { ApiId }) => void known(apis, ApiId)?.integrations.delete(ref),
  });

/** AWS::ApiGatewayV2::Authorizer of JSON Web Tokens. */
export const httpAuthorizer = ({ apis }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({
      ApiId: z.string(),
      AuthorizerType: z.literal('JWT', 'only JWT authorizers run locally'),
      IdentitySource: z.tuple([
        z.literal('$request.header.Authorization', 'tokens are looked for in the header Authorization'),
      ]),
      JwtConfiguration: z.strictObject({ Issuer: z.string(), Audience: z.array(z.string()).min(1) }),
      Name: z.string(),
    }),
    ignored: {},
    create: async ({ ApiId, JwtConfiguration: { Issuer, Audience } }, context) => {
      const id = idOf(context);
      apiOf(apis, ApiId, context).authorizers.set(id, { issuer: Issuer, audience: Audience });
      return { ref: id, attributes: { AuthorizerId: id } };
    },
    update: {
      fixed: ['ApiId'],
      apply: async ({ ApiId, JwtConfiguration: { Issuer, Audience } }, physical, context) => {
        apiOf(apis, ApiId, context).authorizers.set(physical.ref, { issuer: Issuer, audience: Audience });
        return physical;
      },
    },
    remove: async ({ ref }, { ApiId }) => void known(apis, ApiId)?.authorizers.delete(ref),
  });

const routeProperties = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string().regex(/^(\$default|[A-Z]+ \/\S*)$/, 'no route key such as GET /things/{id}'),
  Target: z.string().regex(/^integrations\/.+/, 'no integration'),
  AuthorizationType: z.enum(['NONE', 'AWS_IAM', 'JWT']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});

/** AWS::ApiGatewayV2::Route. */
export const httpRoute = ({ apis }: Services): SupportedType =>
  supported({
    honoured: routeProperties,
    ignored: { OperationName: REASONS.text },
    create: async (properties, context) => {
      apiOf(apis, properties.ApiId, context).routes.push(routeOf(properties));
      const id = idOf(context);
      return { ref: id, attributes: { RouteId: id } };
    },
    update: {
      fixed: ['ApiId', 'RouteKey'],
      apply: async (properties, physical, context) => {
        const route = routeOf(properties);
        replaceOnly(
          apiOf(apis, properties.ApiId, context).routes,
          ({ routeKey }) => routeKey === route.routeKey,
          () => route,
        );
        return physical;
      },
    },
    remove: async (_physical, { ApiId, RouteKey }) =>
      removeOnly(known(apis, ApiId)?.routes ?? [], ({ routeKey }) => routeKey === RouteKey),
  });

const routeOf = (properties: z.output<typeof routeProperties>): RouteDefinition => ({
  routeKey: properties.RouteKey,
  integrationId: properties.Target.slice('integrations/'.length),
  authorization: authorizationOf(properties),
});

function authorizationOf(properties: z.output<typeof routeProperties>): Authorization {
  const { AuthorizationType, AuthorizerId = '', AuthorizationScopes } = properties;
  if (AuthorizationType === 'JWT') return { kind: 'jwt', authorizerId: AuthorizerId, scopes: AuthorizationScopes };
  return { kind: AuthorizationType === 'AWS_IAM' ? 'iam' : 'none' };
}

function apiOf(apis: readonly LocalApi[], apiId: string, { where }: ResourceContext): ApiDefinition {
  const found = known(apis, apiId);
  if (found !== undefined) return found;
  throw new TemplateError('template.unresolved-reference', `${where} Properties`, `there is no HTTP API ${apiId}`);
}

const known = (apis: readonly LocalApi[], apiId: unknown): ApiDefinition | undefined =>
  apis.find(({ definition }) => definition.apiId === apiId)?.definition;

/** Ten letters and digits, as API Gateway's ids are. */
const idOf = (context: ResourceContext): string => physicalName(context, 255).slice(-10).toLowerCase();
