/**
 * How a stream's records become CloudEvents if they are none: part of the stream's manifest, plain data. On every stream CloudEvents pass
 * as they are, so that timers and redriven events need no adapter. What the adapters do with it: lambdas/runtime/adapters.
 */
export type AdapterManifest = JsonAdapterManifest | DebeziumAdapterManifest | DmsAdapterManifest;

/** A type of the catalogue with the version that the data are of: `page.viewed:1`. */
export type EventName = `${string}:${number}`;

/** Members that lead to a value, separated by dots: `user.id`. */
export type MemberPath = string;

interface Routed {
  /**
   * The partition key that producers give the records of a subject, with `{subject}` in it: `{"id":{subject}}`. One subject has one
   * partition key, else the order of its events would be lost. Default: `{subject}`.
   */
  readonly partitionKey?: string;
}

/** Bare JSON: objects of the producer's own making. A JSON array is a batch of them. */
export interface JsonAdapterManifest extends Routed {
  readonly kind: 'json';
  /** The CloudEvents source of all of them: ids are unique within it. */
  readonly source: string;
  /** One type for all, or one by the value of a member; `ignore` for what no one needs. */
  readonly type:
    | EventName
    | { readonly path: MemberPath; readonly names: Readonly<Record<string, EventName | 'ignore'>> };
  readonly subject: MemberPath;
  readonly time: TimeRule;
  readonly id: IdRule;
  /** Default: the whole object. */
  readonly data?: MemberPath;
}

/** Where the time of an event is; `arrival` if the producer tells none: windows are then as late as the stream. */
export type TimeRule =
  | 'arrival'
  | { readonly path: MemberPath; readonly as: 'rfc3339' | 'epoch-seconds' | 'epoch-milliseconds' };

/**
 * What tells one event from another. All are the same whenever Lambda delivers the record again. A producer that sends again is recognised
 * by `path`, an id of its own, and by `content`; but `content` also takes two events of a subject that say the same for one, as long as
 * ids are remembered. `position` recognises no producer's repeat.
 */
export type IdRule =
  | { readonly from: 'path'; readonly path: MemberPath }
  | { readonly from: 'content' }
  | { readonly from: 'position' };

/** What the changes of a table become. Each must be said, so that none goes missing by oversight. */
export interface TableEvents {
  /** Column of the subject. Default: what the partition key says. */
  readonly subject?: string;
  readonly created: EventName | 'ignore';
  readonly updated: EventName | 'ignore';
  readonly deleted: EventName | 'ignore';
  /** A row that was there before capture began: a snapshot's or full load's. */
  readonly read: EventName | 'ignore';
}

/** Tables by `schema.table`, or `database.table` where the database has no schemas. */
type Tables = Readonly<Record<string, TableEvents | 'ignore'>>;

/** Change events of Debezium, with or without their schema. Data are `{ before, after }`, each a row or null. */
export interface DebeziumAdapterManifest extends Routed {
  readonly kind: 'debezium';
  readonly tables: Tables;
}

/** Records of AWS Database Migration Service for Kinesis. Data are `{ before, after }`, each a row or null. */
export interface DmsAdapterManifest extends Routed {
  readonly kind: 'dms';
  /** The CloudEvents source: a name for the task, which its records do not tell. */
  readonly source: string;
  readonly tables: Tables;
  /** Member that holds the row before an update, as the task's BeforeImageSettings name it. Default: `before-image`. */
  readonly beforeImage?: string;
}

const PLACEHOLDER = '{subject}';

/** The partition key of a subject's records on a stream with this template. */
export const partitionKeyOf = (subject: string, template = PLACEHOLDER): string => {
  const [before = '', after = ''] = template.split(PLACEHOLDER);
  return `${before}${subject}${after}`;
};

/** The subject that a partition key stands for, or undefined if it has not the form of the template. */
export function subjectOf(partitionKey: string, template = PLACEHOLDER): string | undefined {
  const [before = '', after = ''] = template.split(PLACEHOLDER);
  const fits = partitionKey.length > before.length + after.length;
  if (!fits || !partitionKey.startsWith(before) || !partitionKey.endsWith(after)) return undefined;
  return partitionKey.slice(before.length, partitionKey.length - after.length);
}

/** Every event type that an adapter names, as type and version. */
export function eventNamesOf(adapter: AdapterManifest): readonly { readonly type: string; readonly version: number }[] {
  const names =
    adapter.kind === 'json'
      ? typeof adapter.type === 'string'
        ? [adapter.type]
        : Object.values(adapter.type.names)
      : Object.values(adapter.tables).flatMap((table) =>
          table === 'ignore' ? [] : [table.created, table.updated, table.deleted, table.read],
        );
  return names.filter((name) => name !== 'ignore').map(parseEventName);
}

/** `page.viewed:1` as type and version. */
export function parseEventName(name: EventName): { readonly type: string; readonly version: number } {
  const colon = name.lastIndexOf(':');
  return { type: name.slice(0, colon), version: Number(name.slice(colon + 1)) };
}
