import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ATTRIBUTES } from '../core/names.ts';
import { migrate } from '../core/processor.ts';
import type { Attributes } from '../core/row.ts';
import type { ListRoute, RowRoute } from '../core/view.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { etagOf, matches } from './etag.ts';
import { type ListPosition, listBand } from './listing.ts';
import { badParameters, parseKey, parseQuery, queryOf } from './parameters.ts';
import { Problem } from './problem.ts';
import type { Rows } from './rows.ts';

/** What a route reads of a request. */
export interface RouteRequest {
  readonly parameters: Readonly<Record<string, string>>;
  readonly queryString: string;
  readonly ifNoneMatch: string | undefined;
}

export type Answer = (request: RouteRequest) => Promise<Response>;

/** Rows change at any moment, and hold personal data: whoever keeps one asks before using it, and shares it with nobody. */
const CACHE_CONTROL = 'private, no-cache';

/** Answers a row route. What it throws is a Problem, or a fault of ours. */
export function rowAnswer(route: RowRoute, rows: Rows): Answer {
  const query = queryOf(route);
  const shape = shapeOf(route.body);
  return async ({ parameters, queryString, ifNoneMatch }) => {
    const { name, schema } = route.key;
    const key = parseKey(name, schema, parameters[name]);
    const { consistent } = parseQuery(query, queryString);
    const item = await rows.get(key, consistent === true);
    if (item === undefined)
      throw new Problem('no-such-row', `No row has this ${name}: its first event may be on its way`);
    const row = protocolSchema.parse(item);
    const etag = etagOf(row[ATTRIBUTES.version], row[ATTRIBUTES.epoch], shape);
    const headers = { etag, 'cache-control': CACHE_CONTROL };
    if (matches(ifNoneMatch, etag)) return new Response(null, { status: 304, headers });
    return json(route.body.parse(viewOf(route, key, row, item)), headers);
  };
}

/** Answers a list route. */
export function listAnswer(route: ListRoute, rows: Rows): Answer {
  const query = queryOf(route);
  return async ({ queryString }) => {
    const { limit, cursor, ...asked } = parseQuery(query, queryString);
    const scope = [route.operationId, asked];
    const partitions = route.partitions(asked);
    const after = typeof cursor === 'string' ? positionIn(cursor, scope, route, partitions) : undefined;
    const request = { index: route.index, partitions, limit: Number(limit), ...(after === undefined ? {} : { after }) };
    const { items, next } = await listBand(rows, request);
    return json(
      {
        items: items.map((item) => route.item.parse(item)),
        ...(next === undefined ? {} : { nextCursor: sealCursor(scope, next) }),
      },
      { 'cache-control': CACHE_CONTROL },
    );
  };
}

/** The body of a list. */
export const listBody = (route: ListRoute): z.ZodObject =>
  z.object({
    items: z.array(route.item).max(100),
    nextCursor: z.string().optional().meta({ description: 'Gives the next page; absent on the last one' }),
  });

function positionIn(cursor: string, scope: unknown, route: ListRoute, partitions: readonly string[]): ListPosition {
  const shard = z
    .int()
    .min(0)
    .max(partitions.length - 1);
  const position = openCursor(scope, cursor, z.strictObject({ sort: route.sort, shard, key: route.key }));
  if (position !== undefined) return position;
  throw badParameters([{ parameter: 'cursor', detail: 'is no cursor of this list: begin again without one' }]);
}

const protocolSchema = z.object({
  [ATTRIBUTES.version]: z.int().min(1),
  [ATTRIBUTES.epoch]: z.string(),
  [ATTRIBUTES.schema]: z.int().min(1),
});

/** During a roll-back, rows may be newer than the code: they are shown again once the code is. */
function viewOf(route: RowRoute, key: string, row: z.output<typeof protocolSchema>, item: Attributes): object {
  const stored = row[ATTRIBUTES.schema];
  if (stored > route.state.version) {
    throw new Problem('unavailable', 'The row was written by a newer version: ask again once it is deployed');
  }
  const state = Object.fromEntries(
    Object.entries(item).filter(([name]) => !name.startsWith('_') && name !== ATTRIBUTES.key),
  );
  return route.view({ key, version: row[ATTRIBUTES.version], state: migrate(route.state, stored, state) });
}

/** Changes with whatever a deployment makes of the body. */
const shapeOf = (body: z.ZodType): string =>
  createHash('sha256')
    .update(JSON.stringify(z.toJSONSchema(body)))
    .digest('base64url')
    .slice(0, 6);

const json = (body: object, headers: Readonly<Record<string, string>>): Response =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json', ...headers } });
