import { NotFoundError, Router } from '@aws-lambda-powertools/event-handler/http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod';
import { API } from '../core/names.ts';
import type { SystemView, ViewRoute } from '../core/view.ts';
import { TransientError } from '../runtime/ports.ts';
import { type Answer, listAnswer, type RouteRequest, rowAnswer } from './answer.ts';
import { Problem, problemResponse } from './problem.ts';
import { ANY_OTHER_METHOD, routable } from './request.ts';
import type { Rows } from './rows.ts';

/** Says that the API and its data can be reached. */
export const healthSchema = z.object({ status: z.literal('ok') });

/** What went wrong, for whoever runs the API. Never quotes a request. The details have no `message`: the logger keeps that for itself. */
export interface FaultLog {
  error(message: string, details: Readonly<Record<string, unknown>>): void;
}

export interface ApiEdges {
  readonly views: readonly SystemView[];
  /** The state table of a system. */
  rows(system: string): Rows;
  readonly log: FaultLog;
}

export type Api = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** A key that no row has to have: asking for it shows that the table answers. */
const PROBE = 'health';

/** The REST API as a function of API Gateway's events. It never rejects: what goes wrong is a problem document. */
export function createApi({ views, rows, log }: ApiEdges): Api {
  const router = new Router({ logger: QUIET });
  const add = (path: string, answer: Answer): void => {
    const template = path.replaceAll(/\{(\w+)\}/g, ':$1') as `/${string}`;
    router.get(template, ({ req, params }) => answer(requestOf(req, params)));
    router.route(refuseMethod, { path: template, method: ANY_OTHER_METHOD });
  };
  for (const view of views) {
    for (const route of view.routes) add(route.path, answerOf(route, rows(view.system)));
  }
  add(API.healthPath, healthAnswer(views.map(({ system }) => rows(system))));
  router.errorHandler(Error, async (error, { event }) => {
    const { requestId } = (event as APIGatewayProxyEventV2).requestContext;
    return problemResponse(problemOf(error, requestId, log), requestId);
  });
  return async (event, context) => {
    const result = (await router.resolve(routable(event), context)) as APIGatewayProxyStructuredResultV2;
    // The router gives every answer a type, also one without a body.
    if (result.statusCode === 304) delete result.headers?.['content-type'];
    return result;
  };
}

const answerOf = (route: ViewRoute, rows: Rows): Answer =>
  route.kind === 'row' ? rowAnswer(route, rows) : listAnswer(route, rows);

function requestOf(request: Request, parameters: Readonly<Record<string, string>>): RouteRequest {
  return {
    parameters,
    queryString: new URL(request.url).search,
    ifNoneMatch: request.headers.get('if-none-match') ?? undefined,
  };
}

const healthAnswer =
  (tables: readonly Rows[]): Answer =>
  async () => {
    await Promise.all(tables.map((table) => table.get(PROBE, false)));
    const body = { status: 'ok' } satisfies z.output<typeof healthSchema>;
    return Response.json(body, { headers: { 'cache-control': 'no-store' } });
  };

const refuseMethod = (): never => {
  throw new Problem('method-not-allowed', 'Use GET');
};

/** Errors of the router itself are about the request; of ours, what may pass is told apart from what needs somebody. */
function problemOf(error: Error, requestId: string, log: FaultLog): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof NotFoundError) {
    return new Problem('no-such-resource', 'The paths of this API are in its OpenAPI document');
  }
  if (error.name === 'ParameterValidationError' || error instanceof URIError) {
    return new Problem('invalid-request', 'A parameter of the path is empty, or not encoded as a URL has it');
  }
  const details = { requestId, error: error.name, cause: describe(error), stack: framesOf(error) };
  if (error instanceof TransientError) {
    log.error('rows cannot be read', { ...details, code: error.code });
    return new Problem('unavailable', 'Ask again in a moment');
  }
  log.error('request failed', details);
  return new Problem('internal-error', 'Tell the operators the instance');
}

/** Where a row breaks its schema, without what stands there. */
const describe = (error: Error): string =>
  error instanceof z.ZodError
    ? error.issues
        .map(({ path, code }) => `${path.filter((step) => typeof step !== 'number').join('.')}: ${code}`)
        .join('; ')
    : error.message;

/** The lines above may be those of a message. */
const framesOf = ({ stack = '' }: Error): readonly string[] =>
  stack.split('\n').filter((line) => /^ {4}at /.test(line));

/** The router logs paths, which hold ids. */
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, error: nothing, warn: nothing };
