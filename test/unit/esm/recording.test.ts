import { kinesisEvent } from '../../../local/esm/payload.ts';
import type { MappingSettings } from '../../../local/esm/types.ts';
import { failedItems, threw, VirtualEsm, type VirtualEsmConfig } from '../../support/virtual-esm.ts';
import { type RecordedEvent, Recording, recordedScenario, type Scenario } from './recording.ts';

const SHARD = 'shardId-000000000000';
const UUID = '8b9a79f0-0000-4000-8000-000000000000';

/** Gives the recording's placeholders in a mapping values of this test's own. */
const concrete = (text: string) =>
  text
    .replace('<partition>', 'aws')
    .replace('<region>', 'eu-central-1')
    .replace(/<resource:(\d+)>/, 'resource-$1');

function settingsOf(scenario: Scenario, role: string): MappingSettings {
  const mapping = scenario.create_event_source_mapping_response;
  const destination = mapping.DestinationConfig.OnFailure.Destination;
  return {
    uuid: UUID,
    streamArn: concrete(mapping.EventSourceArn),
    functionArn: concrete(mapping.FunctionArn),
    invokeIdentityArn: concrete(role),
    batchSize: mapping.BatchSize,
    maximumBatchingWindowInSeconds: mapping.MaximumBatchingWindowInSeconds,
    parallelizationFactor: mapping.ParallelizationFactor,
    bisectBatchOnFunctionError: mapping.BisectBatchOnFunctionError,
    reportBatchItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumRetryAttempts: mapping.MaximumRetryAttempts,
    maximumRecordAgeInSeconds: mapping.MaximumRecordAgeInSeconds,
    startingPosition: mapping.StartingPosition,
    ...(destination !== undefined && { onFailureArn: concrete(destination) }),
  };
}

/** The engine's invocations of a scenario, as the events that the function gets. */
function replay(settings: MappingSettings, put: RecordedEvent['Records'], handler: VirtualEsmConfig['handler']) {
  const esm = new VirtualEsm({ settings, ...(handler && { handler }) });
  for (const { kinesis } of put) {
    esm.stream.put(SHARD, kinesis.partitionKey, esm.nowMs, { data: Buffer.from(kinesis.data, 'base64') });
  }
  esm.runUntilDrained();
  const events = esm.invocations.map(({ shardId, records }) => kinesisEvent(settings, shardId, records));
  return { esm, events: JSON.parse(JSON.stringify(events)) as typeof events };
}

describe('what Lambda did, as recorded on AWS', () => {
  test('TRIM_HORIZON: three batches of ten, in order, in Lambda’s event shape', () => {
    const scenario = recordedScenario('test_kinesis_event_source_trim_horizon');
    const recorded = (scenario.invocation_events ?? []).map(({ event }) => event);
    const put = recorded.flatMap(({ Records }) => Records);
    const { events } = replay(settingsOf(scenario, put[0]?.invokeIdentityArn ?? ''), put, undefined);
    expect(recorded).toHaveLength(3);
    expect(new Recording().differences(events, recorded)).toEqual([]);
  });

  test('a function that always throws: MaximumRetryAttempts 1 is two invocations, and then the document', () => {
    const scenario = recordedScenario('test_kinesis_event_source_mapping_with_on_failure_destination_config');
    const put = [{ invokeIdentityArn: '', kinesis: { partitionKey: 'custom', data: '' } }];
    const { esm } = replay(settingsOf(scenario, 'arn:aws:iam::111111111111:role/role'), put, () => threwWithUuid());
    expect(esm.sizes).toEqual([1, 1]);
    expectDocuments(esm, scenario, new Recording());
  });

  test('partial batch failures: the remainder is a batch of its own, invoked four times under MaximumRetryAttempts 3', () => {
    const scenario = recordedScenario('test_kinesis_report_batch_item_failures');
    const recorded = scenario.kinesis_records?.Records ?? [];
    const put = recorded.slice(0, 6);
    const { esm, events } = replay(settingsOf(scenario, put[0]?.invokeIdentityArn ?? ''), put, ({ records }) =>
      failedItems(...records.filter(shouldFail).map((record) => record.sequenceNumber)),
    );
    expect(esm.sizes).toEqual([3, 3, 1, 1, 1, 1]);
    const recording = new Recording();
    // The recording lists the records of all invocations, sorted by partition key.
    const delivered = events
      .flatMap(({ Records }) => Records)
      .sort((a, b) => a.kinesis.partitionKey.localeCompare(b.kinesis.partitionKey));
    expect(recording.differences(delivered, recorded)).toEqual([]);
    expectDocuments(esm, scenario, recording);
  });
});

const shouldFail = ({ data }: { data: Uint8Array }) => JSON.parse(Buffer.from(data).toString()).should_fail === true;
const threwWithUuid = () => ({ ...threw(), requestId: '11111111-2222-4333-8444-555555555555' });

function expectDocuments(esm: VirtualEsm, scenario: Scenario, recording: Recording): void {
  const recorded = (scenario.sqs_payload?.Messages ?? []).map(({ Body }) => Body);
  expect(recorded).toHaveLength(1);
  expect(recording.differences(JSON.parse(JSON.stringify(esm.documents)), recorded)).toEqual([]);
}

describe('the comparison with the recording', () => {
  const recording = () => new Recording();

  test('finds a placeholder that stands for two values, and a value under two placeholders', () => {
    expect(recording().differences(['a', 'b'], ['<uuid:1>', '<uuid:1>'])).toHaveLength(1);
    expect(recording().differences(['a', 'a'], ['<uuid:1>', '<uuid:2>'])).toHaveLength(1);
    expect(recording().differences(['x:a', 'a'], ['x:<uuid:1>', '<uuid:1>'])).toEqual([]);
  });

  test('finds what is missing, what was not recorded, and what differs in type', () => {
    expect(recording().differences({ a: 1 }, { b: 1 })).toEqual(['$.a was not recorded', '$.b is missing']);
    expect(recording().differences({ a: null }, { a: 1 })).toHaveLength(1);
    expect(recording().differences([1], [1, 2])).toHaveLength(1);
    expect(recording().differences('now', '<timestamp:2022-07-13T13:48:01.000Z>')).toHaveLength(1);
  });
});
