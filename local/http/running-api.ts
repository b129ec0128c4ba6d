import { join } from 'node:path';
import type { InvokeResult } from '../esm/types.ts';
import { FunctionLog, type LogLine } from '../lambda/log-stream.ts';
import type { ApiMetric, ApiPorts, LocalApi } from './api.ts';

/** What an API that is at work needs around it. */
export interface ApiEdges {
  invoke(functionArn: string, event: object): Promise<InvokeResult>;
  metric(apiId: string, name: ApiMetric, value: number): void;
  readonly clock?: ApiPorts['clock'];
  /** Directory for the access log, a file `<name>-access.log`, begun anew. Absent: it stays in memory. */
  readonly logDir?: string;
}

/** An HTTP API of a stack, at work. */
export class RunningApi {
  readonly name: string;
  readonly apiId: string;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly #api: LocalApi;
  readonly #log: FunctionLog;

  constructor(api: LocalApi, { invoke, metric, logDir, clock }: ApiEdges) {
    const { name, apiId } = api.definition;
    this.name = name;
    this.apiId = apiId;
    this.url = api.url;
    this.#api = api;
    this.#log = new FunctionLog(() => undefined, logDir === undefined ? undefined : join(logDir, `${name}-access.log`));
    const write = this.#log.writer(apiId);
    api.connect({
      invoke,
      metric: (metricName, value) => metric(apiId, metricName, value),
      accessLog: (line) => write(`${line}\n`),
      ...(clock === undefined ? {} : { clock }),
    });
  }

  /** Where its stage's access log goes; absent if there is none. */
  get accessLogGroup(): string | undefined {
    return this.#api.definition.stage?.accessLogGroup;
  }

  /** The last lines of the access log, oldest first. */
  accessLog(): readonly LogLine[] {
    return this.#log.lines();
  }

  /** Writes out what is left of the log. */
  close(): Promise<void> {
    return this.#log.close();
  }
}
