import { type Command, InvalidArgumentError } from 'commander';
import { integerFrom } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { TraceOptions } from './command.ts';

/** Adds `trace` to the command line. */
export function addTrace(root: Command, output: Output, signal: AbortSignal, ended: (exitCode: number) => void): void {
  root
    .command('trace')
    .summary('show where an event is, and what followed from it')
    .description(
      'Looks for an event in all streams, and shows its places, what the rows and queues of the systems that fold it know of it, and the events that they published because of it.',
    )
    .argument('<event-id>', "the event's id")
    .option(
      '--stage <name>',
      'local: the local cloud that is up; others: in AWS, by your credentials and region',
      'local',
    )
    .option('--subject <key>', 'only the event of this subject, where several sources use one id')
    .option('--since <time>', 'look at what arrived since, in RFC 3339 (default: all, in AWS the last hour)', timeOf)
    .option('--hops <n>', 'follow it through n streams at most', integerFrom(1, 20), 5)
    .option('--json', 'print a JSON array of what was found', false)
    .option('--unmask', 'show subjects, which are personal data', false)
    .addHelpText('after', '\nExit codes: 0 found, 1 no stream holds it or something failed, 2 wrong usage, 130 Ctrl-C.')
    .action(async (eventId: string, options: TraceOptions) => {
      const { trace } = await import('./command.ts');
      ended(await trace(eventId, options, output, signal));
    });
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function timeOf(text: string): number {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms) || ms > Date.now()) {
    throw new InvalidArgumentError('It must be a time in the past such as 2026-11-01T12:00:00Z.');
  }
  return ms;
}
