import type { MetricDatum as EngineMetric } from '../esm/protocol.ts';
import type { ApiMetric } from '../http/api.ts';
import type { FunctionMetric } from '../lambda/function.ts';
import type { LogLine } from '../lambda/log-stream.ts';
import { EmfError, metricsOf } from './emf.ts';
import type { MetricStore } from './store.ts';

/** Lambda's namespace and dimensions (Developer Guide, "Types of metrics for Lambda functions"). */
const NAMESPACE = 'AWS/Lambda';

/** Epoch milliseconds. */
type Now = () => number;

/** Takes what Lambda measures of a function. */
export function functionFeed(
  store: MetricStore,
  functionName: string,
  now: Now = Date.now,
): (name: FunctionMetric, value: number) => void {
  const dimensions = { FunctionName: functionName };
  return (name, value) => store.put({ namespace: NAMESPACE, name, dimensions, timestampMs: now(), values: [value] });
}

/** Takes what API Gateway measures of HTTP APIs, each under its id. */
export const apiFeed =
  (store: MetricStore, now: Now = Date.now) =>
  (ApiId: string, name: ApiMetric, value: number): void =>
    store.put({ namespace: 'AWS/ApiGateway', name, dimensions: { ApiId }, timestampMs: now(), values: [value] });

/**
 * Takes the metrics out of a function's log, with the times that the function gave them.
 *
 * @param refused is told of lines that CloudWatch would drop.
 */
export function logFeed(
  store: MetricStore,
  refused: (line: string, error: EmfError) => void,
): (line: Pick<LogLine, 'text'>) => void {
  return ({ text }) => {
    try {
      for (const datum of metricsOf(text)) store.put(datum);
    } catch (error) {
      if (!(error instanceof EmfError)) throw error;
      refused(text, error);
    }
  };
}

/** Takes what an event source mapping measures: the iterator age under its function, event counts under its UUID. */
export function mappingFeed(
  store: MetricStore,
  mapping: { readonly uuid: string; readonly functionName: string; readonly countsEvents: boolean },
  now: Now = Date.now,
): (data: readonly EngineMetric[]) => void {
  return (data) => {
    for (const { name, value } of data) {
      const isAge = name === 'IteratorAge';
      if (!isAge && !mapping.countsEvents) continue;
      const dimensions: Record<string, string> = isAge
        ? { FunctionName: mapping.functionName }
        : { EventSourceMappingUUID: mapping.uuid };
      store.put({ namespace: NAMESPACE, name, dimensions, timestampMs: now(), values: [value] });
    }
  };
}
