import { styleText } from 'node:util';
import type { EventSummary } from '../../../lambdas/core/summary.ts';
import { money } from '../format.ts';
import { printable } from '../output.ts';
import { newestData, type TailedEvent, type TailedRejection, type TailedUnread, type TailItem } from './items.ts';
import { type Mask, maskedEvent } from './mask.ts';

export interface LineOptions {
  readonly mask: Mask;
  /** By type. */
  readonly summaries: ReadonlyMap<string, EventSummary>;
  readonly colours: boolean;
  /** Characters of a line at most; absent: as long as it is. */
  readonly columns?: number;
}

/** Makes the line of an item. */
export type Lines = (item: TailItem) => string;

/** Columns grow with what is shown, so that a stream of short ids stays narrow; up to here. */
const WIDEST = 28;

/** Lines for people: time, subject, type, summary. */
export function textLines(options: LineOptions): Lines {
  const widths = { subject: 4, type: 12 };
  return (item) => {
    const cells = item.kind === 'event' ? eventCells(item, options) : failureCells(item, options);
    for (const name of ['subject', 'type'] as const) {
      widths[name] = Math.min(WIDEST, Math.max(widths[name], cells[name].length));
    }
    const subject = cells.subject.padEnd(widths.subject);
    const type = cells.type.padEnd(widths.type);
    const used = cells.time.length + subject.length + type.length + 6;
    const summary = cut(cells.summary, options.columns === undefined ? undefined : options.columns - used);
    const paint = painter(options.colours);
    const isBad = item.kind !== 'event';
    return [
      paint('dim', cells.time),
      subject,
      paint(isBad ? 'red' : 'cyan', type),
      isBad ? paint('red', summary) : summary,
    ].join('  ');
  };
}

/** NDJSON: each item with its position, and the event in its own version. */
export function jsonLines({ mask }: Pick<LineOptions, 'mask'>): Lines {
  return (item) => {
    const { position, arrivalMs } = item;
    const place = { position, arrival: new Date(arrivalMs).toISOString() };
    if (item.kind === 'event') {
      return JSON.stringify({ ...place, event: maskedEvent(item.event, item.definition, item.version, mask) });
    }
    const partitionKey = mask.subject(item.partitionKey, undefined);
    return JSON.stringify({ ...place, partitionKey, [item.kind]: item.cause });
  };
}

interface Cells {
  readonly time: string;
  readonly subject: string;
  readonly type: string;
  readonly summary: string;
}

function eventCells(item: TailedEvent, options: LineOptions): Cells {
  const { event, definition } = item;
  const subject = printable(options.mask.subject(event.subject, definition));
  return {
    time: timeOf(event.time),
    subject,
    type: printable(event.type),
    summary: printable(summaryOf(item, options)),
  };
}

function summaryOf(item: TailedEvent, { mask, summaries }: LineOptions): string {
  const { event, definition, version } = item;
  const subject = mask.subject(event.subject, definition);
  const newest = newestData(item);
  const schema = definition.versions.at(-1)?.schema;
  const summary = summaries.get(event.type);
  if (newest !== undefined && schema !== undefined && summary !== undefined) {
    try {
      return summary.describe(mask.data(newest.data, schema), { subject, money });
    } catch (error) {
      // A number may be masked by a text, which not every summary can do without.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    }
  }
  return plainSummary(subject, maskedEvent(event, definition, version, mask).data);
}

/** Members of the data that a line has room for. */
const MOST_MEMBERS = 4;

/** What can be said of any event: whom it is about, and its first plain members. */
function plainSummary(subject: string, data: unknown): string {
  const members = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  const shown = members
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .slice(0, MOST_MEMBERS)
    .map(([name, value]) => `${name} ${String(value)}`);
  return [`about ${subject}`, ...shown].join(', ');
}

function failureCells(item: TailedRejection | TailedUnread, { mask }: LineOptions): Cells {
  const { cause, arrivalMs, partitionKey, position } = item;
  const said = item.kind === 'rejected' ? rejectionSaid(item) : `not shown: ${cause.message}`;
  const place = `${position.shard} ${position.sequence}${position.index > 0 ? `/${position.index}` : ''}`;
  return {
    time: timeOf(new Date(arrivalMs).toISOString()),
    subject: printable(mask.subject(partitionKey, undefined)),
    type: cause.code,
    summary: printable(`${said}, at ${place}`),
  };
}

function rejectionSaid({ cause: { message, details = {} } }: TailedRejection): string {
  const { type, issues, schema } = details;
  const of = typeof type === 'string' ? ` [${type}]` : '';
  const by = typeof schema === 'string' ? ` (schema version ${schema})` : '';
  return `rejected${of}: ${message}${Array.isArray(issues) ? ` (${issues.join('; ')})` : ''}${by}`;
}

/** `2026-11-01 12:00:00Z`: in UTC, as events from everywhere meet here. */
const timeOf = (time: string): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}Z`;

function cut(text: string, most: number | undefined): string {
  if (most === undefined || text.length <= most) return text;
  return most < 2 ? '' : `${text.slice(0, most - 1)}…`;
}

type Paint = (format: 'dim' | 'cyan' | 'red', text: string) => string;

const painter = (colours: boolean): Paint =>
  colours ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
