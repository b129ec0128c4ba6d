import * as z from 'zod';
import { API } from '../core/names.ts';
import type { SystemView, ViewRoute } from '../core/view.ts';
import { listBody } from './answer.ts';
import { healthSchema } from './api.ts';
import { queryOf } from './parameters.ts';
import { PROBLEM_TYPE, problemSchema } from './problem.ts';

/** Any JSON. */
type Json = Readonly<Record<string, unknown>>;

/**
 * The OpenAPI 3.1 document of the API, from the same schemas that it reads requests and writes answers with. Personal data is marked by
 * `x-pii`, as in the catalogue of events.
 */
export function openApiDocument(views: readonly SystemView[]): Json {
  const routes = views.flatMap(({ system, routes: own }) => own.map((route) => ({ system, route })));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version: '1.0.0',
      description:
        'The state of rows as of their last commit. Read only. Problems are described as in RFC 9457; answers of API Gateway itself hold a message alone.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ sigv4: [] }, { jwt: [] }],
    tags: [
      ...views.map(({ system }) => ({ name: system })),
      { name: 'operations', description: 'For those who run the API' },
    ],
    paths: Object.fromEntries([
      ...routes.map(({ system, route }) => [route.path, { get: operationOf(system, route) }]),
      [API.healthPath, { get: HEALTH }],
    ]),
    components: {
      schemas: {
        ...Object.fromEntries(routes.map(({ route }) => [schemaName(route), schemaOf(bodyOf(route))])),
        Health: schemaOf(healthSchema),
        Problem: schemaOf(problemSchema),
        GatewayMessage: schemaOf(z.object({ message: z.string() })),
      },
      responses: RESPONSES,
      securitySchemes: {
        sigv4: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'Signature Version 4 for service execute-api; needs execute-api:Invoke. The default',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
        jwt: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'In stages with the setting apiJwtIssuer',
        },
      },
    },
  };
}

const reference = (kind: 'schemas' | 'responses', name: string): Json => ({ $ref: `#/components/${kind}/${name}` });
const content = (type: string, schema: string): Json => ({ [type]: { schema: reference('schemas', schema) } });
const problem = (description: string, headers?: Json): Json => ({
  description,
  content: content(PROBLEM_TYPE, 'Problem'),
  ...(headers === undefined ? {} : { headers }),
});
const gateway = (description: string): Json => ({
  description: `${description} Answered by API Gateway`,
  content: content('application/json', 'GatewayMessage'),
});
const header = (description: string): Json => ({ description, schema: { type: 'string' } });

const RESPONSES = {
  InvalidRequest: problem('A parameter is wrong, unknown or given twice'),
  NoSuchRow: problem('There is no such row'),
  Unauthorized: gateway('No valid token.'),
  Forbidden: gateway('Not signed, or not allowed.'),
  TooManyRequests: gateway('More requests than the stage takes.'),
  InternalError: problem('A fault of the API'),
  Unavailable: problem('The data cannot be read at the moment', { 'Retry-After': header('Seconds') }),
} as const;

/** What any operation may answer, besides its own. */
const COMMON = {
  401: reference('responses', 'Unauthorized'),
  403: reference('responses', 'Forbidden'),
  429: reference('responses', 'TooManyRequests'),
  500: reference('responses', 'InternalError'),
  503: reference('responses', 'Unavailable'),
};

const HEALTH = {
  operationId: 'getHealth',
  summary: 'Whether the API and its tables answer',
  tags: ['operations'],
  responses: { 200: { description: 'They do', content: content('application/json', 'Health') }, ...COMMON },
};

function operationOf(system: string, route: ViewRoute): Json {
  const { operationId, summary, description } = route;
  const isRow = route.kind === 'row';
  const etag = header('Entity tag of the row');
  const ok = {
    description: summary,
    content: content('application/json', schemaName(route)),
    ...(isRow ? { headers: { ETag: etag } } : {}),
  };
  const row = {
    304: { description: 'The row is as If-None-Match has it', headers: { ETag: etag } },
    404: reference('responses', 'NoSuchRow'),
  };
  return {
    operationId,
    summary,
    description,
    tags: [system],
    parameters: parametersOf(route),
    responses: { 200: ok, 400: reference('responses', 'InvalidRequest'), ...(isRow ? row : {}), ...COMMON },
  };
}

function parametersOf(route: ViewRoute): readonly Json[] {
  const query = Object.entries(queryOf(route).shape).map(([name, schema]) =>
    parameter(name, 'query', schema as z.ZodType, !z.safeParse(schema as z.ZodType, undefined).success),
  );
  if (route.kind === 'list') return query;
  const ifNoneMatch = {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'Entity tags that the caller has',
    schema: { type: 'string' },
  };
  return [parameter(route.key.name, 'path', route.key.schema, true), ...query, ifNoneMatch];
}

function parameter(name: string, place: 'path' | 'query', schema: z.ZodType, required: boolean): Json {
  const { description, ...rest } = schemaOf(schema);
  return { name, in: place, required, ...(description === undefined ? {} : { description }), schema: rest };
}

const bodyOf = (route: ViewRoute): z.ZodType => (route.kind === 'row' ? route.body : listBody(route));

/** `getProfile` answers `GetProfileResponse`. */
const schemaName = ({ operationId }: ViewRoute): string =>
  `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Response`;

/** Clients must take members that are added later, so that none is excluded; the API itself leaves out what is not named. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      const { pii, additionalProperties } = jsonSchema;
      if (additionalProperties === false) delete jsonSchema.additionalProperties;
      if (pii === undefined) return;
      delete jsonSchema.pii;
      jsonSchema['x-pii'] = pii;
    },
  });
  return json;
}
