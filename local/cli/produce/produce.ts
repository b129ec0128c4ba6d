import type { Clock } from '../../../lambdas/producer/index.ts';
import { systemEnvironment } from '../environment.ts';
import { EXIT } from '../errors.ts';
import { openSource, type Source } from '../input/source.ts';
import type { Output } from '../output.ts';
import { describeProduced, jsonReport } from './report.ts';
import { Run, type RunOptions } from './run.ts';
import { type Target, targetOf } from './target.ts';

export interface ProduceOptions extends RunOptions {
  readonly stage: string;
  /** Logical name. */
  readonly stream: string;
  readonly json: boolean;
}

/** What a test replaces. */
export interface ProduceEdges {
  readonly target: (stage: string, stream: string) => Promise<Target>;
  readonly open: (file: string) => Promise<Source>;
  readonly clock: Clock;
}

const EDGES: ProduceEdges = { target: targetOf, open: openSource, clock: systemEnvironment };

/**
 * `produce`: sends a file's events by the producer library, judged by the catalogue.
 *
 * @param file `-` for standard input.
 * @returns the exit code: 1 if events of the input are bad, or not in the stream.
 * @throws the signal's reason once it aborts, after having said what is not sent; CliError if there is no file or stream.
 */
export async function produce(
  file: string,
  options: ProduceOptions,
  output: Output,
  signal: AbortSignal,
  { target: find, open, clock }: ProduceEdges = EDGES,
): Promise<number> {
  await using source = await open(file);
  using target = await find(options.stage, options.stream);
  const startMs = clock.now();
  const run = new Run(target, options, output, clock);
  const { bad, undelivered, isAll } = await run.send(source, signal);
  const unsent = run.places.unsent(undelivered, isAll);
  const metrics = run.sender.metrics();
  const elapsedMs = clock.now() - startMs;
  const produced = { metrics, bad, unsent, elapsedMs, from: source.name, to: target.name };
  if (options.json) output.result(JSON.stringify(jsonReport(produced)));
  else output.result(describeProduced(produced, `npx millrace produce ${file} --from-line`));
  const [first] = undelivered;
  if (first !== undefined && !signal.aborted) output.log(`The stream did not take all: ${first.failure.message}`);
  signal.throwIfAborted();
  return bad > 0 || unsent.goOnFrom !== undefined ? EXIT.failed : EXIT.ok;
}
