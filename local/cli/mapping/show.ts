import { counted } from '../format.ts';
import type { LagStatus } from '../status/model.ts';
import { describeUnread, stageOption } from '../status/show.ts';
import type { MappingResult } from './command.ts';

/** What was done, what it means for events, and what to do next. */
export function describeChange({ stage, system, mappingId, state, changed, lag }: MappingResult): string {
  const at = stageOption(stage);
  const isPaused = state === 'Disabled';
  const lines = [
    `${headline(isPaused, changed)} system ${system} of stage ${stage}: its event source mapping ${mappingId} is ${state}`,
    ...(lag === undefined ? [] : [`Unread: ${describeUnread(lag.unread)}`]),
    ...(isPaused && lag !== undefined ? [describeLoss(lag)] : []),
    isPaused
      ? `Let it go on with: npx millrace resume ${system}${at}`
      : `Watch it catch up with: npx millrace status --watch${at}`,
  ];
  return lines.join('\n');
}

function headline(isPaused: boolean, changed: boolean): string {
  if (isPaused) return changed ? 'Paused' : 'Was paused already:';
  return changed ? 'Resumed' : 'Was not paused:';
}

function describeLoss({ unread, retentionHours }: LagStatus): string {
  const kept = `what arrives from now on is kept for ${counted(retentionHours)} hours`;
  if (unread.kind === 'unknown') return `How old unread events are cannot be told; ${kept}`;
  if (unread.kind === 'none') return `Nothing is lost for so long: ${kept}`;
  if (unread.hoursLeft === 0)
    return `Events are being lost: they have expired since ${unread.expiresAt}. Let it go on now`;
  return `At the earliest, events are lost from ${unread.expiresAt} on, in ${unread.hoursLeft.toFixed(1)} hours, unless it goes on before`;
}
