import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { MappingSettingError } from '../../../../local/esm/errors.ts';
import { changed, type MappingChange } from '../../../../local/lambda/mapping-update.ts';
import { MappingsApi } from '../../../../local/lambda/mappings-api.ts';
import type { Mapping, MappingState } from '../../../../local/mapping.ts';

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const streamArn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

/** A mapping that stays in the state Disabling until it is told that its batches have ended. */
function mappingOf(uuid: string, functionName: string, stream: string) {
  const mapping = {
    uuid,
    functionName,
    state: 'Enabled' as MappingState,
    lastResult: 'OK',
    changedMs: Date.UTC(2026, 10, 21),
    definition: {
      countsEvents: true,
      settings: {
        uuid,
        streamArn: streamArn(stream),
        functionArn: functionArn(functionName),
        batchSize: 500,
        maximumBatchingWindowInSeconds: 1,
        parallelizationFactor: 10,
        bisectBatchOnFunctionError: true,
        reportBatchItemFailures: true,
        maximumRetryAttempts: -1,
        maximumRecordAgeInSeconds: -1,
        startingPosition: { timestampMs: Date.UTC(2026, 0, 1) },
      },
    },
    pause: () => {
      mapping.state = 'Disabling';
    },
    resume: () => {
      mapping.state = 'Enabled';
    },
  };
  return mapping;
}

const orders = mappingOf('m-1', 'orders', 'shop');
const carts = mappingOf('m-2', 'carts', 'shop');
const copies = mappingOf('m-3', 'copies', 'updates');

let api: MappingsApi;
const changes: unknown[] = [];
let lambda: LambdaClient;

beforeAll(async () => {
  api = await MappingsApi.listen({
    mappings: [orders, carts, copies] as unknown as Mapping[],
    change: async (uuid, change) => {
      if (change.settings.batchSize === 0) throw new MappingSettingError('batchSize', 0, 'a whole number from 1');
      changes.push([uuid, change]);
    },
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  lambda = new LambdaClient({ endpoint: api.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});

afterAll(async () => {
  lambda.destroy();
  await api.close();
});

test.each<[object, string[]]>([
  [{}, ['m-1', 'm-2', 'm-3']],
  [{ FunctionName: 'carts' }, ['m-2']],
  [{ FunctionName: functionArn('copies') }, ['m-3']],
  [{ EventSourceArn: streamArn('shop') }, ['m-1', 'm-2']],
  [{ EventSourceArn: streamArn('shop'), FunctionName: 'copies' }, []],
])('a list by %j', async (by, uuids) => {
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand(by));
  expect(EventSourceMappings.map(({ UUID }) => UUID)).toEqual(uuids);
});

test('a mapping has the settings of its template', async () => {
  expect(await lambda.send(new GetEventSourceMappingCommand({ UUID: 'm-1' }))).toMatchObject({
    State: 'Enabled',
    BatchSize: 500,
    MaximumRetryAttempts: -1,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    StartingPosition: 'AT_TIMESTAMP',
    StartingPositionTimestamp: new Date('2026-01-01T00:00:00.000Z'),
    LastModified: new Date('2026-11-21T00:00:00.000Z'),
    MetricsConfig: { Metrics: ['EventCount'] },
  });
});

test('one that is being disabled takes no further change', async () => {
  const change = (Enabled: boolean) => lambda.send(new UpdateEventSourceMappingCommand({ UUID: 'm-2', Enabled }));
  expect(await change(false)).toMatchObject({ UUID: 'm-2', State: 'Disabling' });
  await expect(change(true)).rejects.toThrow(ResourceInUseException);
  carts.state = 'Disabled';
  expect(await change(true)).toMatchObject({ State: 'Enabled' });
});

test('one that is not there is told so', async () => {
  await expect(lambda.send(new GetEventSourceMappingCommand({ UUID: 'm-9' }))).rejects.toThrow(
    ResourceNotFoundException,
  );
});

describe('an update of settings', () => {
  const update = (input: Partial<UpdateEventSourceMappingCommandInput>) =>
    lambda.send(new UpdateEventSourceMappingCommand({ UUID: 'm-1', ...input }));
  beforeEach(() => changes.splice(0));

  test.each<[string, Partial<UpdateEventSourceMappingCommandInput>, MappingChange]>([
    [
      'changes what it names',
      { MaximumRetryAttempts: 0, BatchSize: 10 },
      { settings: { maximumRetryAttempts: 0, batchSize: 10 } },
    ],
    [
      'may enable in one go',
      { ParallelizationFactor: 2, Enabled: true },
      { settings: { parallelizationFactor: 2 }, enabled: true },
    ],
    [
      'sends discarded batches elsewhere',
      { DestinationConfig: { OnFailure: { Destination: 'q' } } },
      { settings: {}, onFailure: 'q' },
    ],
    ['sends them nowhere', { DestinationConfig: {} }, { settings: {}, onFailure: 'none' }],
  ])('%s', async (_, input, change) => {
    await update(input);
    expect(changes).toEqual([['m-1', change]]);
  });

  test('outside of what AWS allows is refused by name', async () => {
    await expect(update({ BatchSize: 0 })).rejects.toThrow(/batchSize is 0; allowed: a whole number from 1/);
    expect(changes).toEqual([]);
  });

  test('leaves what it does not name, and a destination that it does not name', () => {
    const { settings } = orders.definition;
    const before = { ...settings, onFailureArn: 'q' };
    expect(changed(before, { settings: { batchSize: 3 } })).toEqual({ ...before, batchSize: 3 });
    expect(changed(before, { settings: {}, onFailure: 'none' })).toEqual(settings);
  });
});

test('what the local cloud does not carry out is refused by name, and changes nothing', async () => {
  const update = new UpdateEventSourceMappingCommand({ UUID: 'm-1', Enabled: false, TumblingWindowInSeconds: 1 });
  await expect(lambda.send(update)).rejects.toThrow(/settings of a Kinesis stream.*TumblingWindowInSeconds/s);
  expect(orders.state).toBe('Enabled');
  await expect(lambda.send(new ListFunctionsCommand({}))).rejects.toThrow(/has no GET .*functions/);
});
