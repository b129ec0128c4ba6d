import { CommanderError } from 'commander';
import { SynthError } from '../synth.ts';
import { CliError, EXIT } from './errors.ts';
import { catchInterrupts, Interrupted } from './interrupt.ts';
import { Output } from './output.ts';
import { program } from './program.ts';

/**
 * Runs one command to its end.
 *
 * @param args without the program's own name.
 * @returns the exit code.
 */
export async function main(args: readonly string[], output: Output = new Output()): Promise<number> {
  using interrupts = catchInterrupts();
  const { signal } = interrupts;
  let exitCode: number = EXIT.ok;
  try {
    const root = program(output, signal, (code) => {
      exitCode = code;
    });
    await root.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return failed(signal.aborted ? signal.reason : error, output);
  }
}

function failed(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  output.status('');
  if (error instanceof Interrupted) {
    output.log(error.message);
    return error.exitCode;
  }
  if (error instanceof CliError) output.log(error.message);
  else if (error instanceof SynthError) output.log(`The stacks cannot be synthesized:\n${error.message}`);
  else output.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}
