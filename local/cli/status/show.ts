import { counted, plural, seconds, table } from '../format.ts';
import { printable } from '../output.ts';
import type {
  AlarmStatus,
  LagStatus,
  QueueStatus,
  Section,
  ShardStatus,
  Status,
  SystemStatus,
  Unread,
} from './model.ts';

/** Shards of a system that are shown one by one, those furthest behind first; `--json` has all. */
const MOST_SHARDS = 20;

/** A stage on several lines; what is wrong comes first. */
export function describeStatus(status: Status): string {
  const { stage, at, streams, systems, lag, alarms, queues } = status;
  const heading = `Stage ${stage} at ${shortTime(at)}`;
  return [
    heading,
    ...describeAlarms(alarms),
    ...part('Systems', systems, (items) => systemTable(items, lag, stageOption(stage))),
    ...part('Shards', lag, (items) => items.map(shardTable).join('\n')),
    ...part('Waiting in queues', queues, queueTable),
    ...part('Streams', streams, (items) =>
      table(
        ['stream', 'status', 'mode', 'open shards', 'keeps', 'name'],
        items.map(({ stream, status: state, mode, openShards, retentionHours, name }) => [
          stream,
          state,
          mode,
          counted(openShards),
          `${counted(retentionHours)} h`,
          name,
        ]),
      ),
    ),
  ].join('\n');
}

function part<T>(title: string, section: Section<T>, show: (items: readonly T[]) => string): readonly string[] {
  const error = section.error === undefined ? [] : [`  cannot be read: ${printable(section.error)}`];
  return ['', title, ...('items' in section ? [indented(show(section.items))] : []), ...error];
}

function describeAlarms(alarms: Status['alarms']): readonly string[] {
  if (!('items' in alarms)) return part('Alarms', alarms, () => '');
  if (alarms.total === 0) return ['', 'Alarms: the stage has none'];
  if (alarms.items.length === 0) return ['', `Alarms: none of ${counted(alarms.total ?? 0)} in ALARM`];
  return [
    '',
    `Alarms: ${counted(alarms.items.length)} of ${counted(alarms.total ?? 0)} in ALARM`,
    ...alarms.items.map((alarm) => indented(describeAlarm(alarm))),
  ];
}

/** The description is written for on-call: what it means, what to do first, where the runbook has it. */
const describeAlarm = ({ name, since, reason, description }: AlarmStatus): string =>
  [
    `${printable(name)}  since ${shortTime(since)}`,
    ...description.split(/ (?=First: |Runbook: )/).map((line) => `  ${printable(line)}`),
    `  CloudWatch: ${printable(reason)}`,
  ].join('\n');

function systemTable(systems: readonly SystemStatus[], lag: Section<LagStatus>, option: string): string {
  const rows = systems.map(({ system, state, lastResult }) => {
    const found = 'items' in lag ? lag.items.find((one) => one.system === system) : undefined;
    const unread = found === undefined ? '-' : describeUnread(found.unread);
    return [system, state, printable(lastResult), describeAge(found?.iteratorAge), unread];
  });
  const paused = systems.filter(({ state }) => state === 'Disabled').map(({ system }) => system);
  return [
    table(['system', 'mapping', 'last result', 'iterator age', 'unread'], rows),
    ...paused.map((system) => `${system} is paused; npx millrace resume ${system}${option} lets it go on`),
  ].join('\n');
}

function describeAge(age: LagStatus['iteratorAge']): string {
  if (age === undefined) return '-';
  return 'error' in age ? 'cannot be read' : seconds(age.ms);
}

/** When unread records begin to expire. */
export function describeUnread(unread: Unread): string {
  if (unread.kind === 'none') return 'nothing';
  if (unread.kind === 'unknown') return 'unknown: no checkpoint tells';
  const { arrivedAt, expiresAt, hoursLeft, unknownShards } = unread;
  const kept = `nothing from before ${shortTime(arrivedAt)}; kept until ${shortTime(expiresAt)} (${hoursLeft.toFixed(1)} h)`;
  return unknownShards > 0 ? `${kept}; of ${plural(unknownShards, 'shard')} nothing is known` : kept;
}

function shardTable({ system, shards, allCheckpoints }: LagStatus): string {
  const ranked = shards.toSorted((a, b) => rank(b) - rank(a));
  const shownShards = ranked.slice(0, MOST_SHARDS);
  const heading = ['system', 'shard', '', 'behind', 'checkpoint at', 'sequence number'];
  const rows = shownShards.map(({ shardId, open, behindMs, checkpoint }) => [
    system,
    shardId,
    open ? 'open' : 'closed',
    behindMs === undefined ? 'unknown' : `${allCheckpoints ? '' : 'at most '}${seconds(behindMs)}`,
    checkpoint === undefined ? 'none' : shortTime(checkpoint.at),
    checkpoint?.sequenceNumber ?? '',
  ]);
  const left = shards.length - shownShards.length;
  return left > 0 ? `${table(heading, rows)}\nand ${plural(left, 'shard')} less far behind` : table(heading, rows);
}

/** Unknown ones first. */
const rank = ({ behindMs }: ShardStatus): number => behindMs ?? Number.POSITIVE_INFINITY;

const queueTable = (queues: readonly QueueStatus[]): string =>
  table(
    ['system', 'queue', 'waiting', 'in flight'],
    queues.map(({ system, queue, waiting, inFlight }) => [system, queue, counted(waiting), counted(inFlight)]),
  );

/** What a command needs besides to be about this stage. */
export const stageOption = (stage: string): string => (stage === 'local' ? '' : ` --stage ${stage}`);

const indented = (text: string): string => text.replaceAll(/^/gm, '  ');

/** `2026-11-01 12:00:04Z`. */
const shortTime = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
