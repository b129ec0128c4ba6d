import { synthesize } from './support/synth.ts';

const templates = synthesize({ stage: 'prod' });

describe('no record is lost, retried out of order or dropped silently', () => {
  const mapping = templates.one('AWS::Lambda::EventSourceMapping');

  test.each([
    ['Lambda retries without end', 'MaximumRetryAttempts', -1],
    ['no record is too old to be tried', 'MaximumRecordAgeInSeconds', -1],
    ['a record that kills the function is narrowed down', 'BisectBatchOnFunctionError', true],
    ['only what failed is delivered again', 'FunctionResponseTypes', ['ReportBatchItemFailures']],
    ['nothing is missed while the mapping is being made', 'StartingPosition', 'TRIM_HORIZON'],
    ['ten lanes per shard, in order per key', 'ParallelizationFactor', 10],
    ['batches fill up for one write per key', 'BatchSize', 500],
    ['for a second at most', 'MaximumBatchingWindowInSeconds', 1],
    ['Lambda reports what becomes of records', 'MetricsConfig', { Metrics: ['EventCount'] }],
    ['the mapping runs', 'Enabled', true],
  ])('%s', (_, property, value) => expect(mapping.properties[property]).toEqual(value));

  test('tumbling windows and filters, which go with neither, are off', () => {
    expect(mapping.properties).not.toHaveProperty('TumblingWindowInSeconds');
    expect(mapping.properties).not.toHaveProperty('FilterCriteria');
  });

  test('what Lambda discards goes to the on-failure queue, which is no FIFO queue', () => {
    const { Destination } = mapping.properties.DestinationConfig.OnFailure;
    const queue = templates.target('stateless', Destination);
    expect(queue?.resource.path).toBe('Millrace-prod-Stateful/ProfilesOnFailureQueue/Resource');
    expect(queue?.attribute).toBe('Arn');
    expect(queue?.resource.properties).not.toHaveProperty('FifoQueue');
  });

  test('it feeds the function from the stream of the manifest', () => {
    expect(templates.target('stateless', mapping.properties.EventSourceArn)?.resource.path).toContain('ShopStream');
    expect(templates.target('stateless', mapping.properties.FunctionName)?.resource.type).toBe('AWS::Lambda::Function');
  });

  test('messages for people wait as long as SQS keeps them', () => {
    const queues = templates.resources('AWS::SQS::Queue');
    expect(queues).toHaveLength(2);
    for (const { properties } of queues) expect(properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });
});

describe('streams keep order and hold records until a consumer is repaired', () => {
  test.each(['ShopStream', 'ProfileUpdatesStream'])('%s, on demand', (name) => {
    const { properties } = templates.one('AWS::Kinesis::Stream', `${name}/Stream/Resource`);
    expect(properties).toMatchObject({
      RetentionPeriodHours: 168,
      MaxRecordSizeInKiB: 1024,
      RecordDistributionStrategy: 'USER_PARTITION_KEY',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    });
    expect(properties).not.toHaveProperty('ShardCount');
  });

  test('provisioned with the shards asked for, and without the strategy that only on-demand streams take', () => {
    const { properties } = synthesize({ stage: 'local', shards: '4' }).one(
      'AWS::Kinesis::Stream',
      'ShopStream/Stream/Resource',
    );
    expect(properties).toMatchObject({ ShardCount: 4, StreamModeDetails: { StreamMode: 'PROVISIONED' } });
    expect(properties).not.toHaveProperty('RecordDistributionStrategy');
  });
});

describe('the function', () => {
  const { properties } = templates.one('AWS::Lambda::Function', 'Profiles/Function/Resource/Resource');

  test('runs on the pinned runtime and architecture, with the time and memory that the runtime counts on', () => {
    expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Timeout: 60, MemorySize: 256 });
  });

  test('logs JSON to a group of its own that forgets', () => {
    expect(properties.LoggingConfig).toMatchObject({ LogFormat: 'JSON' });
    const group = templates.target('stateless', properties.LoggingConfig.LogGroup)?.resource;
    expect(group?.properties.RetentionInDays).toBe(30);
  });

  test('learns from its environment what it works on, and nothing that is secret', () => {
    const readable = Object.fromEntries(
      Object.entries(properties.Environment.Variables).map(([name, value]) => [
        name,
        templates.readable('stateless', value),
      ]),
    );
    expect(readable).toEqual({
      NODE_OPTIONS: '--enable-source-maps',
      METRIC_NAMESPACE: 'Millrace/prod',
      INPUT_STREAM: 'shop',
      RETENTION_HOURS: '168',
      KPL_PRODUCERS: 'false',
      REPLAY_MODE: 'false',
      STATE_TABLE: '<ProfilesTable/Table>',
      CHECKPOINT_TABLE: '<ProfilesCheckpoints/Table>',
      DEAD_LETTER_QUEUE_URL: '<ProfilesDeadLetters/Queue>',
      DEAD_LETTER_BUCKET: '<ProfilesDeadLetters/Payloads>',
      STREAM_PROFILE_UPDATES: '<ProfileUpdatesStream/Stream>',
    });
  });
});
