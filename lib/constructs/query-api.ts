import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import { API, stateTableEnv } from '../../lambdas/core/names.ts';
import { acknowledgeApiFunction, acknowledgeTracing } from './acknowledgements.ts';
import { bundledFunction, type LogsProps, logGroup } from './bundled-function.ts';
import { allow, useKeys, vpcStatement } from './processor-policy.ts';
import type { Network } from './processor-props.ts';

/** Who may ask: holders of IAM permission `execute-api:Invoke`, or of a token of this issuer. */
export type ApiAuthorization =
  | { readonly kind: 'iam' }
  | {
      readonly kind: 'jwt';
      readonly issuer: string;
      readonly audience: readonly string[];
      /** One of them must be in the token. Default: any token of the issuer for the audience will do. */
      readonly scopes?: readonly string[];
    };

export interface QueryApiProps extends LogsProps {
  /** Shown in the console. */
  readonly name: string;
  /** Systems whose routes the API has, with their state tables. */
  readonly systems: readonly { readonly system: SystemManifest; readonly table: ITable }[];
  /** Default: IAM. */
  readonly authorization?: ApiAuthorization;
  /** Beyond it API Gateway answers 429. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  /** MB. Default: 512, since CPU comes with memory and somebody waits for the answer. */
  readonly memoryMb?: number;
  /** Active tracing by X-Ray. Default: true. */
  readonly tracing?: boolean;
  /** Environments of the function at most. Default: what the account has left. */
  readonly reservedConcurrency?: number;
  /** Default: no VPC. */
  readonly network?: Network;
  /** Code that is already built, instead of bundling the handler. */
  readonly code?: Code;
}

/**
 * The REST API of a stage: an HTTP API with one route a view and one function, which may read rows by key and the indexes that the
 * manifests name, and nothing else. No route is without authorization, and what matches none gets a problem document of the function.
 */
export class QueryApi extends Construct {
  readonly api: HttpApi;
  readonly function: IFunction;
  /** Of the function. */
  readonly logGroup: ILogGroup;
  readonly accessLogs: ILogGroup;

  constructor(scope: Construct, id: string, props: QueryApiProps) {
    super(scope, id);
    this.logGroup = logGroup(this, 'Logs', props);
    this.function = this.createFunction(props);
    this.accessLogs = logGroup(this, 'AccessLogs', props);
    this.api = new HttpApi(this, 'Api', { apiName: props.name, createDefaultStage: false });
    const { requestsPerSecond, burst } = props.throttle;
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: burst },
      accessLogSettings: { destination: new LogGroupLogDestination(this.accessLogs), format: ACCESS_LOG },
    });
    this.addRoutes(props);
  }

  private addRoutes({ systems, authorization = { kind: 'iam' } }: QueryApiProps): void {
    const paths = [...systems.flatMap(({ system }) => (system.routes ?? []).map(({ path }) => path)), API.healthPath];
    const keys = paths.map((path) => HttpRouteKey.with(path, HttpMethod.GET));
    const integration = new HttpLambdaIntegration('Function', this.function);
    const authorizer = authorizerOf(authorization);
    const scopes = authorization.kind === 'jwt' ? authorization.scopes : undefined;
    for (const routeKey of [...keys, HttpRouteKey.DEFAULT]) {
      new HttpRoute(this, routeKey.key, {
        httpApi: this.api,
        routeKey,
        integration,
        authorizer,
        ...(scopes === undefined ? {} : { authorizationScopes: [...scopes] }),
      });
    }
  }

  private createFunction(props: QueryApiProps): IFunction {
    const { systems, code } = props;
    const fn = bundledFunction(this, 'Function', {
      description: 'Answers the REST API from the state tables',
      entry: API.entry,
      code,
      role: this.role(props),
      logGroup: this.logGroup,
      memoryMb: props.memoryMb ?? 512,
      tracing: props.tracing ?? true,
      reservedConcurrency: props.reservedConcurrency,
      network: props.network,
      // Below API Gateway's own limit of 30 s, above all attempts at a read together.
      timeout: Duration.seconds(10),
      environment: Object.fromEntries(
        systems.map(({ system, table }) => [stateTableEnv(system.name), table.tableName]),
      ),
    });
    acknowledgeApiFunction(fn);
    return fn;
  }

  private role({ systems, network }: QueryApiProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'What the REST API may do',
    });
    const indexes = systems.flatMap(({ system, table }) =>
      [...new Set((system.routes ?? []).flatMap(({ index }) => index ?? []))].map(
        (index) => `${table.tableArn}/index/${index}`,
      ),
    );
    const statements = [
      allow(
        'ReadRows',
        ['dynamodb:GetItem'],
        systems.map(({ table }) => table.tableArn),
      ),
      ...(indexes.length === 0 ? [] : [allow('ReadIndexes', ['dynamodb:Query'], indexes)]),
      allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]),
      ...useKeys(
        'dynamodb',
        ['kms:Decrypt'],
        systems.map(({ table }) => table.encryptionKey),
      ),
    ];
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    if (network !== undefined) role.addToPrincipalPolicy(vpcStatement());
    acknowledgeTracing(role);
    return role;
  }
}

function authorizerOf(authorization: ApiAuthorization): IHttpRouteAuthorizer {
  if (authorization.kind === 'iam') return new HttpIamAuthorizer();
  const { issuer, audience } = authorization;
  return new HttpJwtAuthorizer('Jwt', issuer, { jwtAudience: [...audience] });
}

/** Which route was asked, and how it went. No paths, queries, addresses or callers: they are, or hold, personal data. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    integrationMs: '$context.integrationLatency',
    integrationStatus: '$context.integrationStatus',
    error: '$context.error.message',
    integrationError: '$context.integrationErrorMessage',
  }),
);
