import type { Unread } from '../status/model.ts';
import { describeUnread } from '../status/show.ts';
import type { MappingResult } from './command.ts';

/** What was done, what it means for events, and what to do next. */
export function describeChange({ stage, system, mappingId, state, changed, lag }: MappingResult): string {
  const at = stage === 'local' ? '' : ` --stage ${stage}`;
  const isPaused = state === 'Disabled';
  const lines = [
    `${headline(isPaused, changed)} system ${system} of stage ${stage}: its event source mapping ${mappingId} is ${state}`,
    ...(lag === undefined ? [] : [`Unread: ${describeUnread(lag.unread)}`]),
    ...(isPaused && lag !== undefined ? describeLoss(lag.unread) : []),
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

function describeLoss(unread: Unread): readonly string[] {
  if (unread.kind === 'unknown') return [];
  if (unread.kind === 'none') return ['What arrives from now on is kept as long as the stream keeps records'];
  return [
    `At the earliest, events are lost from ${unread.expiresAt} on, in ${unread.hoursLeft.toFixed(1)} hours, unless it goes on before`,
  ];
}
