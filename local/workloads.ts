import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CloudClock } from './clock.ts';
import type { Stack } from './cloudformation/deploy.ts';
import type { Endpoints } from './emulators/emulators.ts';
import { MappingSettingError } from './esm/errors.ts';
import type { ShardCheckpoint } from './esm/protocol.ts';
import { type EngineOptions, resolveMapping } from './esm/settings.ts';
import type { LocalApi } from './http/api.ts';
import { RunningApi } from './http/running-api.ts';
import type { FunctionDefinition } from './lambda/definition.ts';
import { LambdaFunction } from './lambda/function.ts';
import { changed, type MappingChange } from './lambda/mapping-update.ts';
import type { LogSource } from './logs/log-groups.ts';
import { Mapping } from './mapping.ts';
import { apiFeed, functionFeed, logFeed } from './metrics/feeds.ts';
import type { MetricStore } from './metrics/store.ts';
import { onFailureDelivery, resourceOf } from './on-failure.ts';
import { type MappingDefinition, replaceOnly, type Services } from './resources/services.ts';
import type { Trouble } from './trouble.ts';

export interface WorkloadOptions {
  readonly services: Services;
  /** What functions talk to. */
  readonly endpoints: Endpoints;
  readonly metrics: MetricStore;
  /** By which everything runs. */
  readonly clock: CloudClock;
  readonly trouble: (trouble: Trouble) => void;
  readonly engine: EngineOptions;
  /** Execution environments of one function at a time, at most. Default: two per core. */
  readonly environmentsPerFunction?: number;
  /** Directory for the functions' logs. Default: logs stay in memory. */
  readonly logDir?: string;
}

/** What Millrace itself runs of the stacks: functions, event source mappings and HTTP APIs. */
export class Workloads {
  readonly #options: WorkloadOptions;
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #mappings: Mapping[] = [];
  readonly #apis = new Map<LocalApi, RunningApi>();
  #stacks: readonly Stack[] = [];

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  /** By physical name. */
  get functions(): ReadonlyMap<string, LambdaFunction> {
    return this.#functions;
  }

  /** The same array always. */
  get mappings(): readonly Mapping[] {
    return this.#mappings;
  }

  get apis(): readonly RunningApi[] {
    return [...this.#apis.values()];
  }

  /** Whoever writes into log groups: functions, and APIs with an access log. */
  logSources(): readonly LogSource[] {
    return [
      ...[...this.#functions.values()].map((fn) => ({ logGroup: fn.definition.logGroup, lines: () => fn.logs() })),
      ...this.apis.flatMap((api) =>
        api.accessLogGroup === undefined ? [] : [{ logGroup: api.accessLogGroup, lines: () => api.accessLog() }],
      ),
    ];
  }

  /**
   * Makes what runs the same as what the services list: starts what is new, gives what changed its new definition, stops what
   * is gone. A mapping that changed lets its batches in flight end, and goes on at its checkpoints.
   *
   * @param stacks all that there are.
   * @throws if a mapping or an API names what no stack has.
   */
  async reconcile(stacks: readonly Stack[]): Promise<void> {
    const { services } = this.#options;
    this.#stacks = stacks;
    await this.#stopMappings(({ definition }) => !services.mappings.includes(definition), stacks);
    for (const definition of services.functions) this.#runFunction(definition);
    for (const definition of services.mappings) this.#runMapping(definition, stacks);
    await this.#stopApis();
    for (const api of services.apis) this.#runApi(api);
    await this.#stopFunctions();
  }

  /**
   * Changes a mapping until its template does, as UpdateEventSourceMapping does. Its batches in flight end first, and it goes on at its
   * checkpoints.
   *
   * @throws MappingSettingError for a setting outside of what AWS allows and a destination that no stack has; the mapping goes on as it was.
   */
  async change(uuid: string, change: MappingChange): Promise<void> {
    const { services } = this.#options;
    const running = this.#mappings.find((mapping) => mapping.uuid === uuid);
    if (running === undefined) throw new RangeError(`There is no event source mapping ${uuid}`);
    const settings = changed(running.definition.settings, change);
    resolveMapping(settings);
    const { onFailureArn } = settings;
    if (onFailureArn !== undefined && resourceOf(onFailureArn, this.#stacks) === undefined) {
      throw new MappingSettingError('onFailureArn', onFailureArn, 'a queue, topic or bucket of the stacks');
    }
    const next = { ...running.definition, settings, enabled: change.enabled ?? running.isEnabled };
    replaceOnly(
      services.mappings,
      (definition) => definition === running.definition,
      () => next,
    );
    await this.reconcile(this.#stacks);
  }

  /** Stops everything and abandons what is in flight. */
  async stop(): Promise<void> {
    await Promise.all(this.apis.map((api) => api.close()));
    await Promise.all(this.#mappings.map((mapping) => mapping.stop()));
    await Promise.all([...this.#functions.values()].map((fn) => fn.stop()));
  }

  #runFunction(definition: FunctionDefinition): void {
    const functionName = definition.name;
    const running = this.#functions.get(functionName);
    if (running !== undefined) {
      if (running.definition !== definition) running.redefine(definition);
      return;
    }
    const { endpoints, environmentsPerFunction, metrics, clock, trouble, logDir } = this.#options;
    const refused = (line: string, error: Error) => trouble({ kind: 'metrics-refused', functionName, line, error });
    const fn = new LambdaFunction(definition, {
      endpoints,
      environments: environmentsPerFunction ?? 2 * availableParallelism(),
      metric: functionFeed(metrics, functionName, clock.now),
      logLine: logFeed(metrics, refused),
      clock,
      ...(logDir ? { logFile: join(logDir, `${functionName}.log`) } : {}),
    });
    this.#functions.set(functionName, fn);
  }

  async #stopFunctions(): Promise<void> {
    const { functions } = this.#options.services;
    for (const [name, fn] of this.#functions) {
      if (functions.some((definition) => definition.name === name)) continue;
      this.#functions.delete(name);
      await fn.stop();
    }
  }

  #runMapping(definition: MappingDefinition, stacks: readonly Stack[], checkpoints?: readonly ShardCheckpoint[]): void {
    if (this.#mappings.some((mapping) => mapping.definition === definition)) return;
    const mapping = new Mapping(definition, {
      ...this.#options,
      target: this.#target(definition),
      deliverOnFailure: onFailureDelivery(definition, stacks, this.#options.services),
      ...(checkpoints === undefined ? {} : { checkpoints }),
    });
    this.#mappings.push(mapping);
    mapping.start();
  }

  #target({ settings: { functionArn }, stack, logicalId }: MappingDefinition): LambdaFunction {
    const target = this.#byArn(functionArn);
    if (target !== undefined) return target;
    throw new Error(`${stack}/${logicalId}: no stack has the function ${functionArn}`);
  }

  #byArn(functionArn: string): LambdaFunction | undefined {
    return [...this.#functions.values()].find((fn) => fn.definition.arn === functionArn);
  }

  /** A mapping whose definition was replaced comes back at its checkpoints. */
  async #stopMappings(outdated: (mapping: Mapping) => boolean, stacks: readonly Stack[]): Promise<void> {
    for (const mapping of this.#mappings.filter(outdated)) {
      const checkpoints = await mapping.retire();
      this.#mappings.splice(this.#mappings.indexOf(mapping), 1);
      const next = this.#options.services.mappings.find(({ settings }) => settings.uuid === mapping.uuid);
      if (next !== undefined) this.#runMapping(next, stacks, checkpoints);
    }
  }

  #runApi(api: LocalApi): void {
    const { definition } = api;
    const missing = [...definition.integrations.values()].find(({ functionArn }) => !this.#byArn(functionArn));
    if (missing) throw new Error(`HTTP API ${definition.name}: no stack has the function ${missing.functionArn}`);
    // Its stage is the last thing that a stack gives it.
    if (this.#apis.has(api) || definition.stage === undefined) return;
    const { metrics, clock, logDir } = this.#options;
    const running = new RunningApi(api, {
      // Every integration was looked up above.
      invoke: (functionArn, event) => (this.#byArn(functionArn) as LambdaFunction).invoke(event),
      metric: apiFeed(metrics, clock.now),
      clock,
      ...(logDir ? { logDir } : {}),
    });
    this.#apis.set(api, running);
  }

  async #stopApis(): Promise<void> {
    for (const [api, running] of this.#apis) {
      if (this.#options.services.apis.includes(api)) continue;
      this.#apis.delete(api);
      await running.close();
    }
  }
}
