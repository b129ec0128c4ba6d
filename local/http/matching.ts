import { decodePercent } from './percent.ts';

/** A route that a request went to. */
export interface Match<Route> {
  readonly route: Route;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Candidate<Route> extends Match<Route> {
  /** Lower goes first. */
  readonly rank: number;
}

/**
 * The route of a request: a full match goes before one with a greedy parameter, a method before ANY, and `$default` takes what is left.
 *
 * Source: API Gateway developer guide, "Create routes for HTTP APIs".
 *
 * @param path as it came, percent-encoded.
 */
export function matchRoute<Route extends { readonly routeKey: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): Match<Route> | undefined {
  const candidates = routes.flatMap((route) => candidateOf(route, method, path) ?? []);
  return candidates.toSorted((a, b) => a.rank - b.rank)[0];
}

const DEFAULT_RANK = 1_000;

function candidateOf<Route extends { readonly routeKey: string }>(
  route: Route,
  method: string,
  path: string,
): Candidate<Route> | undefined {
  if (route.routeKey === '$default') return { route, pathParameters: {}, rank: DEFAULT_RANK };
  const [routeMethod = '', template = ''] = route.routeKey.split(' ');
  if (routeMethod !== method && routeMethod !== 'ANY') return undefined;
  const wanted = template.split('/');
  const given = path.split('/');
  const isGreedy = template.endsWith('+}');
  if (isGreedy ? given.length < wanted.length : given.length !== wanted.length) return undefined;
  const pathParameters: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = isGreedy && at === wanted.length - 1 ? given.slice(at).join('/') : (given[at] ?? '');
    const name = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) pathParameters[name] = decodePercent(value);
  }
  // Of two routes that match in full, the one with fewer parameters says more.
  const rank = (isGreedy ? 500 : 0) + 2 * Object.keys(pathParameters).length + (routeMethod === 'ANY' ? 1 : 0);
  return { route, pathParameters, rank };
}
