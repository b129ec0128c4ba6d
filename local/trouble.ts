import type { PollerEvent } from './esm/ports.ts';

/** What goes wrong in the local cloud itself while it goes on; what functions do wrong is in their logs and metrics. */
export type Trouble =
  | { readonly kind: 'mapping'; readonly uuid: string; readonly functionName: string; readonly event: PollerEvent }
  /** A function wrote metrics that CloudWatch would drop. */
  | { readonly kind: 'metrics-refused'; readonly functionName: string; readonly line: string; readonly error: Error }
  /** Something about alarms: a queue could not be measured, a topic did not take a notification. */
  | { readonly kind: 'alarm'; readonly what: string; readonly error: unknown };

/** One line for people. */
export function describeTrouble(trouble: Trouble): string {
  if (trouble.kind === 'metrics-refused') {
    return `${trouble.functionName}: metrics were dropped, as CloudWatch would: ${trouble.error.message}`;
  }
  if (trouble.kind === 'alarm') return `${trouble.what}: ${causeOf(trouble.error)}`;
  const { event } = trouble;
  const cause = causeOf(event.error);
  if (event.kind === 'stopped-by-error') return `mapping of ${trouble.functionName} has stopped: ${cause}`;
  const shard = event.shardId === undefined ? '' : ` of ${event.shardId}`;
  return `mapping of ${trouble.functionName}: ${event.port}${shard} failed and will be tried again: ${cause}`;
}

const causeOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
