import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Where requests say they went; nothing depends on it. */
const HOST = 'api.invalid';

/** A method that has a route on every path, which refuses it: the router answers methods that it does not know without a document. */
export const ANY_OTHER_METHOD = 'POST';

/**
 * The event as the router can read it safely, whatever a client sent. API Gateway has matched the route and taken the parameters out of the
 * path; its `rawPath` is decoded, so that an id with a `%` or a `?` cannot be read from it any more. The path is therefore made anew from the
 * route and its parameters. Bodies, which the router refuses on a GET, and headers that nothing reads are left out.
 */
export function routable(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const { requestContext, routeKey, rawPath, rawQueryString, headers } = event;
  const method = requestContext.http.method === 'GET' ? 'GET' : ANY_OTHER_METHOD;
  const [, template] = routeKey.split(' ');
  const ifNoneMatch = printableAscii(headers['if-none-match']);
  return {
    version: '2.0',
    routeKey,
    rawPath: template === undefined ? escaped(rawPath) : filled(template, event.pathParameters ?? {}),
    rawQueryString,
    headers: { host: HOST, ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }) },
    requestContext: { ...requestContext, http: { ...requestContext.http, method } },
    isBase64Encoded: false,
  };
}

const filled = (template: string, parameters: Readonly<Record<string, string | undefined>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => component(parameters[name] ?? ''));

/**
 * A path on no route. The router forgives slashes at the end, which would make two addresses of one resource; an empty segment matches
 * nothing.
 */
function escaped(path: string): string {
  const segments = path.split('/').map(component).join('/');
  return segments.length > 1 && segments.endsWith('/') ? `${segments}/%2F` : segments;
}

const component = (text: string): string => encodeURIComponent(text.toWellFormed());

const printableAscii = (text: string | undefined): string | undefined =>
  text !== undefined && /^[\x20-\x7e]*$/.test(text) ? text : undefined;
