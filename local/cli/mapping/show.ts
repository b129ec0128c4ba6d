import { describeUnread } from '../status/show.ts';
import type { MappingResult } from './command.ts';

/** What was done, what it means for events, and what to do next. */
export function describeChange({ stage, system, mappingId, state, changed, lag }: MappingResult): string {
  const at = stage === 'local' ? '' : ` --stage ${stage}`;
  const isPaused = state === 'Disabled';
  const done = changed
    ? isPaused
      ? 'Paused'
      : 'Resumed'
    : `Nothing to do: ${isPaused ? 'already paused' : 'not paused'},`;
  const lines = [`${done} ${system} in stage ${stage}: its event source mapping ${mappingId} is ${state}`];
  if (lag !== undefined) lines.push(`Unread: ${describeUnread(lag.unread)}`);
  if (isPaused) {
    lines.push(
      lag?.unread.kind === 'some'
        ? `Events are lost from ${lag.unread.expiresAt} on, in ${lag.unread.hoursLeft.toFixed(1)} hours, unless it goes on before`
        : 'What arrives from now on is kept for the retention of the stream',
      `Let it go on with: npx millrace resume ${system}${at}`,
    );
  } else lines.push(`Watch it catch up with: npx millrace status --watch${at}`);
  return lines.join('\n');
}
