import { DescribeStreamSummaryCommand, type StreamDescriptionSummary } from '@aws-sdk/client-kinesis';
import { GetEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import type { IteratorsOf } from '../../esm/kinesis-source.ts';
import { CliError } from '../errors.ts';
import { readCheckpoints } from './checkpoints.ts';
import type { StageClients } from './clients.ts';
import { iteratorAgeOf } from './iterator-age.ts';
import type { LagStatus, StreamStatus, SystemStatus } from './model.ts';
import type { SystemPlace } from './place.ts';
import { section } from './section.ts';
import { readShards } from './shards.ts';
import { type Evidence, unreadOf } from './unread.ts';

/** @throws whatever Kinesis answers. */
export async function readStream({ kinesis }: StageClients, stream: string, name: string): Promise<StreamStatus> {
  const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }));
  const summary: Partial<StreamDescriptionSummary> = answer.StreamDescriptionSummary ?? {};
  const { StreamStatus: status = 'unknown', OpenShardCount: openShards = 0, RetentionPeriodHours } = summary;
  if (RetentionPeriodHours === undefined)
    throw new CliError(`Stream ${name} does not say for how long it keeps records`);
  const mode = summary.StreamModeDetails?.StreamMode === 'ON_DEMAND' ? 'on-demand' : 'provisioned';
  return { stream, name, status, mode, openShards, retentionHours: RetentionPeriodHours };
}

/** @throws whatever Lambda answers. */
export async function readMapping({ lambda }: StageClients, place: SystemPlace): Promise<SystemStatus> {
  const { system, stream, mappingId } = place;
  const answer = await lambda.send(new GetEventSourceMappingCommand({ UUID: mappingId }));
  const { State: state = 'unknown', LastProcessingResult: lastResult = 'unknown', LastModified } = answer;
  return { system, stream, mappingId, state, lastResult, changedAt: (LastModified ?? new Date(0)).toISOString() };
}

/** How far a system is behind, and when its oldest unread record expires. */
export async function readLag(
  clients: StageClients,
  place: SystemPlace,
  iterators: IteratorsOf,
  nowMs: number,
): Promise<LagStatus> {
  const { system, stream, streamName, functionName, checkpointTable } = place;
  const [{ retentionHours }, { state, changedAt }, checkpoints] = await Promise.all([
    readStream(clients, stream, streamName),
    readMapping(clients, place),
    readCheckpoints(clients.documents, checkpointTable),
  ]);
  // A mapping that is off measures nothing: what counts is how far behind it was when it was switched off.
  const untilMs = state === 'Disabled' ? Date.parse(changedAt) : nowMs;
  const [shards, ages] = await Promise.all([
    readShards(clients.kinesis, streamName, checkpoints, nowMs, iterators),
    section(async () => [await iteratorAgeOf(clients.cloudwatch, functionName, untilMs)]),
  ]);
  const age = 'items' in ages ? ages.items[0] : undefined;
  const behindMs = shards.map((shard) => shard.behindMs);
  return {
    system,
    ...(!('items' in ages) ? { iteratorAge: ages } : age === undefined ? {} : { iteratorAge: shownAge(age) }),
    retentionHours,
    unread: unreadOf({ nowMs, retentionHours, behindMs, ...(age === undefined ? {} : { iteratorAge: age }) }),
    allCheckpoints: checkpoints.all,
    shards,
  };
}

const shownAge = ({ ms, atMs }: NonNullable<Evidence['iteratorAge']>) => ({ ms, at: new Date(atMs).toISOString() });
