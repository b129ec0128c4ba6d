/** How a route lets requests in. */
export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'iam' }
  | { readonly kind: 'jwt'; readonly authorizerId: string; readonly scopes: readonly string[] };

export interface RouteDefinition {
  /** `GET /profiles/{id}`, `ANY /files/{path+}` or `$default`. */
  readonly routeKey: string;
  readonly integrationId: string;
  readonly authorization: Authorization;
}

export interface IntegrationDefinition {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface JwtAuthorizerDefinition {
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface StageDefinition {
  /** Requests per second and at once; absent if the stage does not limit them. */
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
  /** Line of the access log, with `$context` variables; absent if there is none. */
  readonly accessLogFormat?: string;
  /** Log group that the access log goes to; absent as the format. */
  readonly accessLogGroup?: string;
}

/** An HTTP API as its template describes it, resource by resource. */
export interface ApiDefinition {
  readonly apiId: string;
  readonly name: string;
  readonly routes: RouteDefinition[];
  /** By id. */
  readonly integrations: Map<string, IntegrationDefinition>;
  /** By id. */
  readonly authorizers: Map<string, JwtAuthorizerDefinition>;
  /** Its `$default` stage. Without one it answers nothing. */
  stage: StageDefinition | undefined;
}
