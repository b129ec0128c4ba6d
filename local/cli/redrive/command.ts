import { EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { stageOutputs } from '../stage-output.ts';
import { readEdits } from './edits.ts';
import { exportFile } from './export.ts';
import { list } from './list.ts';
import { commandLine, type RedriveOptions } from './options.ts';
import { ParkedQueue } from './queue.ts';
import { Run } from './run.ts';
import { describeExport, describeListing, describeSummary } from './show.ts';
import { edgesOf, redriveClients } from './stage.ts';
import { type Code, resourcesOf, systemNamed, thisCheckout } from './system.ts';

/**
 * Lists what waits in a system's queues, says what a redrive would do with it, or carries it out.
 *
 * @returns the exit code.
 * @throws CliError, and the reason of the signal once everything is in order.
 */
export async function redrive(
  name: string | undefined,
  options: RedriveOptions,
  output: Output,
  signal: AbortSignal,
  code: Code = thisCheckout,
): Promise<number> {
  const { stage, json } = options;
  const system = systemNamed(name, stage, code);
  const outputs = await stageOutputs(stage);
  const resources = resourcesOf(outputs, system.manifest);
  const edits = options.edit === undefined ? undefined : readEdits(options.edit, system.reading, Date.now());
  using clients = redriveClients(outputs.local);
  const { deadLetterQueueUrl, onFailureQueueUrl } = resources;
  const own = [deadLetterQueueUrl, onFailureQueueUrl];
  const queues = (options.queue === undefined ? own : [options.queue]).map((url) => ({
    name: nameOf(url, resources),
    isOwn: own.includes(url),
    queue: new ParkedQueue(clients.sqs, url, outputs.local === undefined ? 'service' : 'local', Date.now),
  }));
  const again = commandLine(resources.name, options);
  if (!(options.send || options.dryRun || options.export !== undefined)) {
    const listing = { system: resources.name, stage, ...(await list(queues, resources, options, output, signal)) };
    output.result(json ? JSON.stringify(listing) : describeListing(listing, options.reason, again));
    signal.throwIfAborted();
    return listing.failures.length > 0 ? EXIT.failed : EXIT.ok;
  }
  using exported = options.export === undefined ? undefined : exportFile(options.export);
  const edges = edgesOf(clients, resources, system.processor, system.reading, Date.now);
  const run = new Run({ system, resources, clients, edges, options, output, signal, edits, exported });
  for (const queue of queues) await run.drain(queue);
  const summary = run.summary();
  output.status('');
  output.result(json ? JSON.stringify({ summary }) : describeSummary(summary, again));
  if (exported !== undefined) output.log(describeExport(exported, again));
  signal.throwIfAborted();
  return summary.failures.length > 0 || summary.editsNotFound.length > 0 ? EXIT.failed : EXIT.ok;
}

function nameOf(
  url: string,
  {
    deadLetterQueueUrl,
    onFailureQueueUrl,
  }: { readonly deadLetterQueueUrl: string; readonly onFailureQueueUrl: string },
): string {
  if (url === deadLetterQueueUrl) return 'dead-letters';
  return url === onFailureQueueUrl ? 'on-failure' : url;
}
