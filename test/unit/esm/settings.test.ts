import { createEngine } from '../../../local/esm/engine.ts';
import { MappingSettingError } from '../../../local/esm/errors.ts';
import type { MappingSettings } from '../../../local/esm/types.ts';
import { QUEUE_ARN, SETTINGS } from '../../support/virtual-esm.ts';

const refused: [keyof MappingSettings, unknown, RegExp][] = [
  ['batchSize', 0, /1 to 10000/],
  ['batchSize', 10_001, /1 to 10000/],
  ['batchSize', 1.5, /whole number/],
  ['maximumBatchingWindowInSeconds', -1, /0 to 300 s/],
  ['maximumBatchingWindowInSeconds', 301, /0 to 300 s/],
  ['parallelizationFactor', 0, /1 to 10$/],
  ['parallelizationFactor', 11, /1 to 10$/],
  ['maximumRetryAttempts', -2, /-1 \(unlimited\) or a whole number from 0 to 10000/],
  ['maximumRetryAttempts', 10_001, /0 to 10000/],
  ['maximumRecordAgeInSeconds', 0, /-1 \(unlimited\) or a whole number from 60 to 604800 s/],
  ['maximumRecordAgeInSeconds', 59, /60 to 604800 s/],
  ['maximumRecordAgeInSeconds', 604_801, /60 to 604800 s/],
  ['startingPosition', 'NOW', /TRIM_HORIZON, LATEST/],
  ['startingPosition', { timestampMs: Number.NaN }, /TRIM_HORIZON, LATEST/],
  ['streamArn', 'events', /Kinesis stream/],
  ['functionArn', 'profiles', /Lambda function/],
  ['onFailureArn', `${QUEUE_ARN}.fifo`, /standard SQS queue/],
  ['onFailureArn', 'arn:aws:events:eu-west-1:111111111111:event-bus/default', /S3 bucket/],
];

const accepted: Partial<MappingSettings>[] = [
  { batchSize: 1, parallelizationFactor: 1, maximumBatchingWindowInSeconds: 0 },
  { batchSize: 10_000, parallelizationFactor: 10, maximumBatchingWindowInSeconds: 300 },
  { maximumRetryAttempts: -1, maximumRecordAgeInSeconds: -1 },
  { maximumRetryAttempts: 0, maximumRecordAgeInSeconds: 60 },
  { maximumRetryAttempts: 10_000, maximumRecordAgeInSeconds: 604_800 },
  { startingPosition: { timestampMs: 0 }, onFailureArn: 'arn:aws:s3:::bucket' },
];

describe('settings', () => {
  test.each(refused)('%s of %j is refused by name, with the range', (setting, value, allowed) => {
    const create = () => createEngine({ ...SETTINGS, [setting]: value });
    expect(create).toThrow(MappingSettingError);
    try {
      create();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'esm.setting-refused',
        setting,
        value,
        allowed: expect.stringMatching(allowed),
      });
      expect(String(error)).toContain(setting);
    }
  });

  test.each(accepted)('%j is accepted', (settings) => {
    expect(() => createEngine({ ...SETTINGS, ...settings })).not.toThrow();
  });

  test('an engine option out of range is refused as well', () => {
    expect(() => createEngine(SETTINGS, { readLimit: 10_001 })).toThrow(/readLimit is 10001/);
  });
});
