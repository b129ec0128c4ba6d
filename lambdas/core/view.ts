import type * as z from 'zod';
import type { StateSchema } from './processor.ts';

/** What a system shows of its rows over HTTP, as data: the REST API, its OpenAPI document and its tests are made from it. */
export interface SystemView {
  /** The system's name, as in its manifest. */
  readonly system: string;
  readonly routes: readonly ViewRoute[];
}

/** Every route is a GET: the API reads. */
export type ViewRoute = RowRoute | ListRoute;

interface Route {
  /** As in the manifest, with parameters in braces: `/profiles/{id}`. */
  readonly path: string;
  /** Unique in the API, a verb and a noun: `getProfile`. Clients are generated with it. */
  readonly operationId: string;
  /** A few words for a heading. */
  readonly summary: string;
  readonly description: string;
}

/** A row as a view sees it, its state migrated to the version that the code knows. */
export interface ViewedRow<State = object> {
  readonly key: string;
  /** How many commits the row has seen. */
  readonly version: number;
  readonly state: State;
}

/** One row under its key, with an ETag, and `?consistent=true` for a read that sees every commit that was answered before. */
export interface RowRoute extends Route {
  readonly kind: 'row';
  /** The one parameter of the path: the row's key. */
  readonly key: { readonly name: string; readonly schema: z.ZodType<string> };
  readonly state: StateSchema<object>;
  /** What is answered. It is a list of what may be shown: attributes that it does not name are left out, and personal data is marked. */
  readonly body: z.ZodObject;
  view(row: ViewedRow): object;
}

/** An index that a list is read from. */
export interface ListedIndex {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

/** Entries of a sharded index, those with the highest sort key first, page by page. Indexes are eventually consistent. */
export interface ListRoute extends Route {
  readonly kind: 'list';
  readonly index: ListedIndex;
  /** What a sort key may be: a cursor holds one, and cursors come from outside. */
  readonly sort: z.ZodType<string | number>;
  readonly key: z.ZodType<string>;
  /** Query parameters besides `limit` and `cursor`, each of which is text. */
  readonly query: z.ZodObject;
  /** What is shown of an entry; attributes that it does not name are left out. */
  readonly item: z.ZodObject;
  /** The shards of the band that the query asks for. */
  partitions(query: unknown): readonly string[];
}

/** Ties the functions of a row route to the type of its state. */
export const rowRoute = <State extends object>(
  route: Omit<RowRoute, 'kind' | 'state' | 'view'> & {
    readonly state: StateSchema<State>;
    view(row: ViewedRow<State>): object;
  },
): RowRoute => ({ ...route, kind: 'row' }) as RowRoute;

/** Ties the functions of a list route to the type of its query. */
export const listRoute = <Query extends z.ZodObject>(
  route: Omit<ListRoute, 'kind' | 'query' | 'partitions'> & {
    readonly query: Query;
    partitions(query: z.output<Query>): readonly string[];
  },
): ListRoute => ({ ...route, kind: 'list' }) as ListRoute;
