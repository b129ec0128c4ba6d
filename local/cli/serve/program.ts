import type { Command } from 'commander';
import { integerFrom } from '../arguments.ts';
import type { Output } from '../output.ts';
import type { ServeOptions } from './serve.ts';

/** The port under which emulators of AWS are usually found. */
const DEFAULT_PORT = 4566;

/** Adds `millrace serve`. */
export function addServe(root: Command, output: Output, signal: AbortSignal, ended: (exitCode: number) => void): void {
  root
    .command('serve')
    .summary('an empty account on this machine, for the CDK CLI and SDKs')
    .description(
      'Serves an empty account on this machine under one URL, into which the CDK CLI deploys as into AWS: CloudFormation, and what the stacks use. Nothing is kept when it ends.',
    )
    .option('--port <n>', 'port on 127.0.0.1, 0 for a free one', integerFrom(0, 65_535), DEFAULT_PORT)
    .option('--json', 'print the URL as one JSON object', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 ended by a signal, 1 something failed (also: the port is taken), 2 wrong usage.',
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      ended(await serve(options, output, signal));
    });
}
