import { Logger } from '@aws-lambda-powertools/logger';
import { logBatch } from '../../../lambdas/aws/observe.ts';
import { Tally } from '../../../lambdas/runtime/report.ts';

const RANGE = { shard: 'shardId-000000000003', firstSequence: '5', lastSequence: '9' };

/** What is logged of a batch, as the function's log has it: lines of JSON. */
function logged(tally: Tally, failedFrom?: string): readonly Readonly<Record<string, unknown>>[] {
  const lines: string[] = [];
  const write = (text: string) => void lines.push(text);
  const logger = new Logger({ serviceName: 'profiles', logLevel: 'INFO' });
  Object.assign(logger, { console: { info: write, warn: write, error: write, debug: write } });
  logBatch(logger, tally.report(failedFrom), RANGE);
  return lines.map((line) => JSON.parse(line));
}

describe('the log of a batch', () => {
  test('names the hash of a key that is blocked, the code and the cause in words', () => {
    const tally = new Tally();
    tally.blocked.push({ keyHash: 'h4sh', code: 'store.throttled', message: 'DynamoDB left the key unprocessed' });
    const [summary, ...others] = logged(tally, '7');
    expect(summary).toMatchObject({ level: 'WARN', message: 'batch folded in part', failedFrom: '7', ...RANGE });
    expect(others).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        message: 'key blocked',
        keyHash: 'h4sh',
        code: 'store.throttled',
        cause: 'DynamoDB left the key unprocessed',
      }),
    ]);
  });

  test('says what was not done though nothing stopped', () => {
    const tally = new Tally();
    tally.warn('checkpoint.unwritten', 'DynamoDB throttled the request');
    expect(logged(tally).slice(1)).toEqual([
      expect.objectContaining({ level: 'WARN', code: 'checkpoint.unwritten', cause: 'DynamoDB throttled the request' }),
    ]);
  });

  test('holds a few lines, however many keys are blocked', () => {
    const tally = new Tally();
    for (let n = 0; n < 25; n++) tally.blocked.push({ keyHash: `h${n}`, code: 'c', message: 'm' });
    const lines = logged(tally, '7');
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toMatchObject({ message: 'more keys blocked', keys: 15 });
  });
});
