/** Where an event stands: the record's place in a shard, and the event's index inside the record (KPL aggregate, CloudEvents batch). */
export interface Position {
  /** Logical name of the stream: it outlives the stream's re-creation. */
  readonly stream: string;
  /** `shardId-000000000003`. */
  readonly shard: string;
  /** Decimal, up to 56 digits (more than a double or a DynamoDB number holds), so it stays text. */
  readonly sequence: string;
  readonly index: number;
}

/** How far one row has come in one shard. */
export interface Mark {
  readonly sequence: string;
  readonly index: number;
  /** Arrival of the record, epoch seconds: marks older than the stream's retention are pruned. */
  readonly arrival: number;
}

/** Marks by `stream:shard number`. */
export type Marks = Readonly<Record<string, Mark>>;

/** Sequence numbers differ in length, so they are compared as integers, never as text. Negative: `a` is first. */
export function compareSequence(a: string, b: string): number {
  const left = stripZeros(a);
  const right = stripZeros(b);
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

const stripZeros = (digits: string): string => (digits.charCodeAt(0) === 48 ? digits.replace(/^0+(?=.)/, '') : digits);

/** The key under which a row keeps the mark of a position's shard: `shop:3`. Short, since every row carries it. */
export const markKey = (position: Position): string =>
  `${position.stream}:${position.shard.replace(/^shardId-0*(?=\d)/, '')}`;

/** Whether the row has already passed this position: Lambda delivers the record again. */
export function isCovered(marks: Marks, position: Position): boolean {
  const mark = marks[markKey(position)];
  if (mark === undefined) return false;
  const order = compareSequence(position.sequence, mark.sequence);
  return order < 0 || (order === 0 && position.index <= mark.index);
}

/** The marks once `position` has been passed. Positions that are covered already change nothing. */
export function advance(marks: Marks, position: Position, arrivalMs: number): Marks {
  if (isCovered(marks, position)) return marks;
  const mark = { sequence: position.sequence, index: position.index, arrival: Math.floor(arrivalMs / 1000) };
  return { ...marks, [markKey(position)]: mark };
}

/** Without the marks of shards from which nothing can come any more: their last record has left the stream by `nowMs`. */
export function prune(marks: Marks, nowMs: number, retentionHours: number): Marks {
  const horizon = nowMs / 1000 - retentionHours * 3600;
  const entries = Object.entries(marks);
  // A mark keeps the second of arrival, so the record may have come up to a second later.
  const kept = entries.filter(([, mark]) => mark.arrival + 1 > horizon);
  return kept.length === entries.length ? marks : Object.fromEntries(kept);
}
