import { keyHash } from '../../../lambdas/runtime/identity.ts';
import { counted, plural, table } from '../format.ts';
import { printable } from '../output.ts';
import type { Fate, Settled } from './carry-out.ts';
import type { ExportFile } from './export.ts';
import { leftCode, type Summary } from './summary.ts';

/** Messages of one reason in one queue. */
export interface Group {
  readonly queue: string;
  readonly reason: string;
  /** What messages are that are not of this system. */
  readonly what?: string;
  messages: number;
  /** Of discarded batches. */
  records: number;
  /** RFC 3339: when the oldest and the newest of them came into the queue. */
  oldest: string;
  newest: string;
}

/** What lies in the queues. */
export interface Listing {
  readonly system: string;
  readonly stage: string;
  readonly groups: readonly Group[];
  /** Messages that somebody else has hidden. */
  readonly hidden: number;
  /** false: there may be more, since it ended early, by Ctrl-C, a failure or the limit. */
  readonly complete: boolean;
  /** Of queues that could not be read, or not to their end. */
  readonly failures: readonly string[];
}

/**
 * @param reasons of the messages that were asked for; empty for all.
 * @param command without what it is to do.
 */
export function describeListing(
  { system, stage, groups, hidden, complete, failures }: Listing,
  reasons: readonly string[],
  command: string,
): string {
  const rest = [
    ...describeHidden(hidden),
    ...(complete ? [] : ['This is not all: it ended before all messages were seen.']),
    ...failures,
  ];
  if (groups.length === 0) {
    const sought = reasons.length === 0 ? 'messages' : `messages with reason ${reasons.map(printable).join(' or ')}`;
    const seen = complete ? `No ${sought} wait` : `No ${sought} seen`;
    return [`${seen} for ${system}, stage ${stage}.`, ...rest].join('\n');
  }
  const rows = groups.map(({ queue, reason, what, messages, records, oldest, newest }) => [
    queue,
    printable(what === undefined ? reason : `${reason}: ${what}`),
    counted(messages),
    records === 0 ? '-' : counted(records),
    oldest,
    newest,
  ]);
  return [
    table(['Queue', 'Reason', 'Messages', 'Records', 'Oldest', 'Newest'], rows),
    ...rest,
    '',
    'Go on with',
    `  ${command} --dry-run   what would happen to each event`,
    `  ${command} --send      send what may be sent`,
  ].join('\n');
}

const describeHidden = (hidden: number): readonly string[] =>
  hidden === 0 ? [] : [`Held by somebody else at the moment: ${plural(hidden, 'message')} more, about.`];

/** Why an event stays, and what may be done. */
const LEFT: Readonly<Record<string, string>> = {
  unproven:
    "the row's ids do not reach back to it, so nobody can tell whether it was applied; --force sends it all the same",
  'in-doubt': 'an earlier redrive may have put it into the stream; once the processor has caught up, --force sends it',
  claimed: 'another redrive is at work on it',
  failed: 'a request failed; run it again',
  malformed: 'no event that could be sent; --export, mend it, --edit',
  'rejected-again': 'the processor would reject it again; --export, mend it, --edit, or deploy what takes it',
  'not-handled': 'the processor would skip it',
  'too-large': 'no record holds it once it is addressed to the processor',
  'edit-mismatch': 'the edit is not of this event',
  effect: 'an effect that its sink refused, and no event',
  expired: 'the stream no longer has its records',
  'payload-missing': 'its payload is no longer in S3',
  'no-position': 'the letter does not say where its record was',
  'other-stream': 'the stream of this stage does not know its record: the queue may be of another stage',
  'unreadable-row': 'its row is damaged; restore it, or delete it if its state may be lost',
};

const PROOF = {
  ids: 'not applied so far, as its row shows',
  letter: 'rejected, and never redriven; its row has forgotten whether other code applied it later',
  force: 'forced',
} as const;

function explained(fate: Fate): string {
  if (fate.kind === 'obstacle') return fate.obstacle.message;
  if (fate.kind === 'failed') return fate.message;
  if (fate.kind === 'sent') {
    const where = fate.sequence === undefined ? '' : ` as ${fate.shard}/${fate.sequence}`;
    return `${PROOF[fate.proof]}${where}`;
  }
  if (fate.kind === 'in-stream') return `by an earlier redrive, as ${fate.sequence}`;
  if (fate.kind === 'moved') return `to the dead-letter queue: ${fate.code}`;
  if (fate.kind === 'applied') return "its row knows its id; the row's effects are settled";
  if (fate.kind !== 'refused') return '';
  const since = fate.sinceMs === undefined ? '' : ` (since ${new Date(fate.sinceMs).toISOString()})`;
  return `${LEFT[fate.code] ?? fate.code}${since}`;
}

/** One event on one line, without personal data. */
export function describeSettled(settled: Settled): string {
  const { opened, item, fate } = settled;
  const { position } = item;
  const place = position === undefined ? '-' : `${position.shard}/${position.sequence}/${position.index}`;
  const word = leftCode(settled) ?? fate.kind;
  const event = item.eventId ?? '-';
  return printable(`${word.padEnd(14)}  ${opened.reason.padEnd(22)}  ${place}  ${event}  ${explained(fate)}`);
}

/** The same as one JSON object. */
export function settledJson(settled: Settled): object {
  const { opened, item, fate } = settled;
  return {
    outcome: leftCode(settled) ?? fate.kind,
    reason: opened.reason,
    message: opened.message.messageId,
    ...(opened.letterId === undefined ? {} : { letter: opened.letterId }),
    ...(item.position === undefined ? {} : { position: item.position }),
    ...(item.eventId === undefined ? {} : { event: item.eventId }),
    ...(item.kind === 'candidate' ? { keyHash: keyHash(item.candidate.key) } : {}),
    explanation: explained(fate),
  };
}

/** @param command without what it is to do. */
export function describeSummary(summary: Summary, command: string): string {
  const { system, stage, dryRun, messages, events, foreign, left, failures, editsNotFound } = summary;
  const rows: [string, number, string][] = [
    [
      dryRun ? 'Would be sent' : 'Sent',
      events.sent,
      'they arrive after newer events of their keys, whose effect they may undo',
    ],
    ['Applied', events.applied, `known by their rows; ${plural(events.resent, 'effect')} of these sent again`],
    ['In the stream', events.inStream, 'by an earlier redrive'],
    [dryRun ? 'Would be moved' : 'Moved', events.moved, 'to the dead-letter queue: the processor would reject them'],
    ['Ignored', events.ignored, 'not meant for this processor'],
    ...Object.entries(left).map(([code, count]): [string, number, string] => [
      `Left: ${code}`,
      count,
      LEFT[code] ?? '',
    ]),
  ];
  const shown = rows.filter(([, count]) => count > 0);
  const wide = Math.max(...shown.map(([name]) => name.length), 0);
  return [
    `${plural(messages.read, 'message')} of ${system}, stage ${stage}: ${counted(messages.removed)} removed, ${counted(messages.left)} left.`,
    ...(shown.length === 0 ? [] : ['']),
    ...shown.map(([name, count, what]) => `  ${name.padEnd(wide)}  ${counted(count).padStart(7)}  ${what}`),
    ...(events.byLetter === 0
      ? []
      : ['', `${plural(events.byLetter, 'event')} of these on the word of their letters alone: --strict leaves such.`]),
    ...(events.forced === 0
      ? []
      : ['', `${plural(events.forced, 'event')} of these by --force: they may count twice.`]),
    ...(messages.foreign === 0
      ? []
      : ['', `Left alone, since not of this system: ${plural(messages.foreign, 'message')}`]),
    ...Object.entries(foreign).map(([why, count]) => `  ${counted(count).padStart(7)}  ${printable(why)}`),
    ...describeHidden(messages.hidden),
    ...editsNotFound.map(
      (letter) =>
        `No queue shows letter ${printable(letter)} of the edit file: it was done before, or somebody else holds it at the moment.`,
    ),
    ...failures.slice(0, 3).map((message) => `Failed: ${printable(message)}`),
    ...(summary.complete
      ? []
      : ['', 'It ended before all messages were seen. What is left is there still; run it again, and it goes on.']),
    ...(dryRun && events.sent + events.applied + events.moved > 0 ? ['', `Carry it out with: ${command} --send`] : []),
  ].join('\n');
}

export function describeExport({ path, count }: ExportFile, command: string): string {
  const without =
    count.withoutEvent === 0
      ? []
      : [`Left out, since there is no event to mend: ${plural(count.withoutEvent, 'letter')}.`];
  if (count.written === 0) return ['No letters to write.', ...without].join('\n');
  return [
    `${plural(count.written, 'letter')} written to ${path}.`,
    ...without,
    `Mend the events, delete lines that are not to be sent, then: ${command} --edit ${path} --dry-run`,
  ].join('\n');
}
