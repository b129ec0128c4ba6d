import { type EventDefinition, newestVersion } from './catalogue.ts';
import { dataSchemaOf } from './event.ts';

/** An event for the next actor, on a stream. */
export interface PublishEffect {
  readonly kind: 'publish';
  /** Logical name of the stream. */
  readonly stream: string;
  readonly type: string;
  readonly dataschema: string;
  /** The receiver: subject and partition key. */
  readonly subject: string;
  readonly data: object;
}

/** A message for people or their tools, on an SQS queue. */
export interface AlertEffect {
  readonly kind: 'alert';
  /** Logical name of the queue. */
  readonly queue: string;
  readonly reason: string;
  readonly data: object;
}

/** A row of a view or a journal, under a deterministic key. */
export interface RowEffect {
  readonly kind: 'row';
  /** Logical name of the table. */
  readonly table: string;
  readonly key: string;
  /** `once`: only if no row has the key (journals). `newer`: only over a lower stored version (views). */
  readonly write: { readonly when: 'once' } | { readonly when: 'newer'; readonly version: number };
  /**
   * The row beside its key, its version (`newer`) and its trace (EFFECT_ROW_ATTRIBUTES). No name may start with `_` or be `id`, nor
   * `version` in a view: such an effect stops its key, as a state does that no row can hold.
   */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a reducer wants done outside its row. Data, not a call: it is sent after the commit, at least once, under one id. */
export type Effect = PublishEffect | AlertEffect | RowEffect;

/** A publish effect whose data has the type of the event's newest version. */
export const publish = <Type extends string, Data extends object>(
  stream: string,
  definition: EventDefinition<Type, Data>,
  subject: string,
  data: Data,
): PublishEffect => ({
  kind: 'publish',
  stream,
  type: definition.type,
  dataschema: dataSchemaOf(definition.type, newestVersion(definition)),
  subject,
  data,
});

/** The event that an effect follows from: its identity, its time and its trace travel with the effect. */
export interface Cause {
  readonly id: string;
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
  readonly traceparent?: string;
}

/** An effect of one event, as the row keeps it until it is known to be sent. */
export interface PendingEffect {
  readonly cause: Cause;
  /** Index among the effects of its cause. */
  readonly index: number;
  readonly effect: Effect;
}

/** What a commit must send: the effects of its events, and those of the commit itself, which follow from the row. */
export interface Outbox {
  readonly effects: readonly PendingEffect[];
  /** The last event folded, if the processor has effects per commit. */
  readonly commit?: Cause;
}
