import type { FunctionDefinition } from './definition.ts';
import type { Run } from './environment.ts';
import type { Outcome } from './outcome.ts';

/**
 * What Lambda itself writes into a function's log about an invocation that has ended, a line each, as its format says
 * (Developer Guide, "Configuring JSON and plain text log formats"; Telemetry API reference, `platform.report`): in JSON the
 * error that a handler threw, and a report with its metrics. A report of success is written at the system log level INFO and
 * below alone. Memory is left out: threads of one process do not have one of their own.
 *
 * @param time RFC 3339.
 */
export function platformLines(
  definition: Pick<FunctionDefinition, 'logFormat' | 'systemLogLevel' | 'memoryMb'>,
  time: string,
  requestId: string,
  { outcome, durationMs }: Run,
): readonly string[] {
  if (definition.logFormat === 'Text') {
    return outcome.kind === 'returned' ? [] : [`${time} ${requestId} ${describe(outcome)}`];
  }
  const report = {
    time,
    type: 'platform.report',
    record: {
      requestId,
      metrics: {
        durationMs: Math.round(durationMs * 1000) / 1000,
        billedDurationMs: Math.ceil(durationMs),
        memorySizeMB: definition.memoryMb,
      },
      ...statusOf(outcome),
    },
  };
  if (outcome.kind === 'returned')
    return REPORTS_SUCCESS.has(definition.systemLogLevel) ? [JSON.stringify(report)] : [];
  return [
    ...(outcome.kind === 'threw' ? [JSON.stringify(thrown(time, requestId, outcome))] : []),
    JSON.stringify(report),
  ];
}

/** INFO is Lambda's default. */
const REPORTS_SUCCESS = new Set([undefined, 'INFO', 'DEBUG']);

function describe(outcome: Exclude<Outcome, { kind: 'returned' }>): string {
  if (outcome.kind === 'died') return `${outcome.errorType}: ${outcome.message}`;
  const { errorType, errorMessage, trace } = outcome.error;
  return [`${errorType}: ${errorMessage}`, ...trace.slice(1)].join('\n');
}

function statusOf(outcome: Outcome): object {
  if (outcome.kind === 'returned') return { status: 'success' };
  if (outcome.kind === 'threw') return { status: 'error', errorType: outcome.error.errorType };
  if (outcome.errorType === 'Sandbox.Timedout') return { status: 'timeout' };
  // The message, which Lambda does not give here, is where else it would be lost.
  return { status: 'error', errorType: outcome.errorType, errorMessage: outcome.message };
}

const thrown = (
  timestamp: string,
  requestId: string,
  { error: { errorType, errorMessage, trace } }: Extract<Outcome, { kind: 'threw' }>,
): object => ({ timestamp, level: 'ERROR', requestId, message: { errorType, errorMessage, stackTrace: trace } });
