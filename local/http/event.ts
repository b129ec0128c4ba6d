import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decodePercent } from './percent.ts';

/** A request as the server read it, to its end. */
export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** Before the `?`, as it came. */
  readonly path: string;
  /** After the `?`, as it came. */
  readonly queryString: string;
  readonly protocol: string;
  readonly sourceIp: string;
  /** By lower-case name, each as often as it came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
  /** Epoch milliseconds. */
  readonly timeMs: number;
}

export interface EventContext {
  readonly apiId: string;
  readonly accountId: string;
  readonly domainName: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  /** What the authorizer found out; absent if the route has none. */
  readonly authorizer: object | undefined;
}

/**
 * The event that a function gets of a request, in payload format 2.0: paths and parameters are decoded, the query string is not.
 *
 * Source: API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs".
 */
export function proxyEvent(request: GatewayRequest, context: EventContext): APIGatewayProxyEventV2 {
  const { headers, body, queryString } = request;
  const path = decodePercent(request.path);
  const cookies = (headers.get('cookie') ?? []).flatMap((line) => line.split(/; */));
  const query = queryParameters(queryString);
  const isText = isTextual(headers.get('content-type')?.[0]);
  const { routeKey, pathParameters, authorizer, domainName, apiId, accountId } = context;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: queryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: Object.fromEntries(
      [...headers].filter(([name]) => name !== 'cookie').map(([name, values]) => [name, values.join(',')]),
    ),
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId,
      apiId,
      ...(authorizer === undefined ? {} : { authorizer }),
      domainName,
      domainPrefix: apiId,
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers.get('user-agent')?.[0] ?? '',
      },
      requestId: request.id,
      routeKey,
      stage: '$default',
      time: requestTime(request.timeMs),
      timeEpoch: request.timeMs,
    },
    ...(Object.keys(pathParameters).length > 0 ? { pathParameters } : {}),
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Values of one name are joined by commas. */
function queryParameters(queryString: string): Record<string, string> | undefined {
  const given = new URLSearchParams(queryString);
  const names = [...new Set(given.keys())];
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, given.getAll(name).join(',')]));
}

const isTextual = (contentType = ''): boolean =>
  /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)\b|[^;]+\+(json|xml)\b)/i.test(contentType);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As in Apache's logs: `12/Mar/2020:19:03:58 +0000`. */
export function requestTime(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  const [year, month, day] = iso.slice(0, 10).split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${iso.slice(11, 19)} +0000`;
}
