import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StreamManifest, SystemManifest } from '../../lambdas/core/manifest.ts';
import { metricNamespace } from '../../lambdas/core/names.ts';
import type { Settings, Stage } from '../config.ts';
import type { OnCall } from '../constructs/alarm.ts';
import { type EventSource, EventStream } from '../constructs/event-stream.ts';
import { OverviewDashboard, type OverviewSystem } from '../constructs/overview-dashboard.ts';
import { type FreshnessObjective, ProcessorAlarms } from '../constructs/processor-alarms.ts';
import type { MappingProps, Network } from '../constructs/processor-props.ts';
import { type ApiAuthorization, QueryApi } from '../constructs/query-api.ts';
import { QueryApiAlarms } from '../constructs/query-api-alarms.ts';
import { QueryApiDashboard } from '../constructs/query-api-dashboard.ts';
import { SavedQueries } from '../constructs/saved-queries.ts';
import { StreamAlarms } from '../constructs/stream-alarms.ts';
import { StreamProcessor } from '../constructs/stream-processor.ts';
import { SystemDashboard } from '../constructs/system-dashboard.ts';
import { given } from '../given.ts';
import { type SystemSettings, systemSettings } from '../settings/processing.ts';
import { addProducerPolicies, addSystemPolicies } from './access.ts';
import { network } from './existing.ts';
import { found } from './found.ts';
import { pascal, STATELESS_OUTPUTS } from './outputs.ts';
import type { StatefulStack, SystemState } from './stateful-stack.ts';
import { synthesizer } from './synthesizer.ts';

export interface StatelessStackProps extends StackProps {
  readonly stage: Stage;
  readonly streams: readonly StreamManifest[];
  readonly systems: readonly SystemManifest[];
  readonly stateful: StatefulStack;
  /** Code that is already built, instead of each system's bundle. */
  readonly code?: Code;
}

/** Everything that can be thrown away and deployed again: functions, mappings, alarms, dashboards and policies. */
export class StatelessStack extends Stack {
  readonly #network: Network | undefined;
  #apiLogs: ILogGroup | undefined;

  constructor(scope: Construct, id: string, props: StatelessStackProps) {
    super(scope, id, { ...props, synthesizer: synthesizer(props.stage.settings) });
    this.#network = network(this, props.stage.settings);
    const { stateful, systems } = props;
    const sources = [...stateful.streams.values()];
    const ofStreams = sources.flatMap((source) => this.streamAlarms(source, props));
    const ofApi = this.addApi(props);
    const overview = systems.map((system) => this.addSystem(system, props));
    addProducerPolicies(this, props);
    new OverviewDashboard(this, 'Overview', {
      title: `Millrace, stage ${props.stage.name}`,
      sources,
      systems: overview,
      alarms: [...ofStreams, ...ofApi],
    });
  }

  private streamAlarms(source: EventSource, { stage, stateful }: StatelessStackProps): readonly IAlarm[] {
    return new StreamAlarms(this, `${pascal(source.logicalName)}StreamAlarms`, {
      ...onCall(stage, stateful),
      source,
      ...given<{ shards: number }>({ shards: leastShards(source, stage.settings) }),
    }).alarms;
  }

  private addApi({ stage, systems, stateful, code }: StatelessStackProps): readonly IAlarm[] {
    const { apiRequestsPerSecond, apiBurst, apiMemoryMb, apiReservedConcurrency, tracing, logRetentionDays } =
      stage.settings;
    const shown = systems.filter(({ routes = [] }) => routes.length > 0);
    if (shown.length === 0) return [];
    const queryApi = new QueryApi(this, 'Query', {
      name: `millrace-${stage.name}`,
      systems: shown.map((system) => ({ system, table: found(stateful.systems, system.name).table.table })),
      authorization: authorization(stage.settings),
      throttle: { requestsPerSecond: apiRequestsPerSecond, burst: apiBurst },
      memoryMb: apiMemoryMb,
      tracing,
      logRetention: logRetentionDays,
      logKey: stateful.operationsKey,
      ...given<{ reservedConcurrency: number; network: Network; code: Code }>({
        reservedConcurrency: apiReservedConcurrency,
        network: this.#network,
        code,
      }),
    });
    const { alarms } = new QueryApiAlarms(this, 'QueryAlarms', { ...onCall(stage, stateful), queryApi });
    new QueryApiDashboard(this, 'QueryDashboard', { queryApi, alarms });
    this.#apiLogs = queryApi.logGroup;
    new CfnOutput(this, STATELESS_OUTPUTS.apiLogGroupName, { value: queryApi.logGroup.logGroupName });
    new CfnOutput(this, STATELESS_OUTPUTS.apiEndpoint, { value: queryApi.api.apiEndpoint });
    return alarms;
  }

  private addSystem(system: SystemManifest, props: StatelessStackProps): OverviewSystem {
    const id = pascal(system.name);
    const { settings } = props.stage;
    const own = systemSettings(settings, system.name);
    const state = found(props.stateful.systems, system.name);
    const processor = this.processor(system, state, props);
    const parts = {
      processor,
      deadLetterQueue: state.deadLetters.queue,
      onFailureQueue: state.onFailureQueue,
      stateTable: state.table.table,
      checkpointTable: state.checkpoints.table,
    };
    const { alarms } = new ProcessorAlarms(this, `${id}Alarms`, {
      ...parts,
      ...onCall(props.stage, props.stateful),
      timeout: Duration.seconds(own.timeoutSeconds),
      indexes: system.indexes.map(({ name }) => name),
      thresholds: {
        iteratorAgeWarning: settings.iteratorAgeWarningMinutes,
        iteratorAgeCritical: settings.iteratorAgeCriticalMinutes,
        timeLeft: settings.timeLeftHours,
      },
      ...given<{ objective: FreshnessObjective }>({ objective: freshnessObjective(settings) }),
    });
    new SystemDashboard(this, `${id}Dashboard`, {
      ...parts,
      ...given<{ shards: number }>({ shards: processor.source instanceof EventStream ? settings.shards : undefined }),
      memoryMb: own.memoryMb,
      system,
      alarms,
    });
    const folder = `Millrace/${props.stage.name}/${system.name}`;
    const queries = new SavedQueries(this, `${id}Queries`, { folder, logGroup: processor.logGroup });
    new CfnOutput(this, STATELESS_OUTPUTS.functionName(system.name), { value: processor.function.functionName });
    new CfnOutput(this, STATELESS_OUTPUTS.logGroupName(system.name), { value: processor.logGroup.logGroupName });
    new CfnOutput(this, STATELESS_OUTPUTS.mappingId(system.name), { value: processor.mappingId });
    new CfnOutput(this, STATELESS_OUTPUTS.logQueries(system.name), { value: queries.names.join('; ') });
    addSystemPolicies(this, { system, processor, apiLogs: this.#apiLogs }, props);
    return { ...parts, alarms };
  }

  private processor(system: SystemManifest, state: SystemState, props: StatelessStackProps): StreamProcessor {
    const { stage, stateful, code } = props;
    const { settings } = stage;
    const own = systemSettings(settings, system.name);
    return new StreamProcessor(this, pascal(system.name), {
      system,
      source: found(stateful.streams, system.inputStream),
      outputs: Object.fromEntries(system.outputStreams.map((name) => [name, found(stateful.streams, name).stream])),
      alertQueues: Object.fromEntries(system.alertQueues.map((name) => [name, found(stateful.alertQueues, name)])),
      stateTable: state.table.table,
      checkpointTable: state.checkpoints.table,
      deadLetters: state.deadLetters,
      onFailureQueue: state.onFailureQueue,
      mapping: mapping(own),
      memoryMb: own.memoryMb,
      timeout: Duration.seconds(own.timeoutSeconds),
      tracing: settings.tracing,
      logRetention: settings.logRetentionDays,
      logKey: stateful.operationsKey,
      metricNamespace: metricNamespace(stage.name),
      replayMode: settings.replayMode,
      ...(settings.binaryEvents ? { schemaRegistry: stateful.schemaRegistry } : {}),
      ...given<{ reservedConcurrency: number; network: Network; code: Code }>({
        reservedConcurrency: own.reservedConcurrency,
        network: this.#network,
        code,
      }),
    });
  }
}

const onCall = ({ settings }: Stage, { alarmTopic }: StatefulStack): OnCall => ({
  topic: alarmTopic,
  ...given<{ runbook: string }>({ runbook: settings.runbookUrl }),
});

/** Arrival times of a replay are of the past, so that nothing is fresh there. */
const freshnessObjective = (settings: Settings): FreshnessObjective | undefined =>
  settings.replayMode ? undefined : { seconds: settings.freshnessSeconds, percent: settings.freshnessPercent };

/** Kinesis developer guide, "Choose the right mode": an on-demand stream begins with 4 shards, and never has fewer. */
const LEAST_ON_DEMAND_SHARDS = 4;

/** Nobody here knows the shards of a stream that somebody else owns. */
const leastShards = (source: EventSource, { shards }: Settings): number | undefined =>
  source instanceof EventStream ? (shards ?? LEAST_ON_DEMAND_SHARDS) : undefined;

const mapping = (of: SystemSettings): MappingProps => ({
  batchSize: of.batchSize,
  batchingWindow: Duration.seconds(of.batchingWindowSeconds),
  enhancedFanOut: of.consumer === 'enhanced-fan-out',
  ...given<{ parallelizationFactor: number; startAt: Date }>({
    parallelizationFactor: of.parallelizationFactor,
    startAt: of.startingPosition === 'TRIM_HORIZON' ? undefined : new Date(of.startingPosition),
  }),
});

function authorization({
  apiJwtIssuer: issuer,
  apiJwtAudience: audience,
  apiJwtScope: scope,
}: Settings): ApiAuthorization {
  if (issuer === undefined || audience === undefined) return { kind: 'iam' };
  return { kind: 'jwt', issuer, audience: [audience], ...(scope === undefined ? {} : { scopes: [scope] }) };
}
