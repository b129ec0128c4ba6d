import { readUnits } from '../../../../local/dynamodb/read-units.ts';

const asked = (operation: string, input: object, output: object) =>
  readUnits({
    service: 'dynamodb',
    operation,
    input: () => input,
    response: { status: 200, headers: {}, body: Buffer.from(JSON.stringify(output)) },
  });
/** An item of exactly `bytes` bytes. */
const sized = (bytes: number) => ({ id: { S: 'u' }, pad: { S: 'x'.repeat(bytes - 6) } });

describe('read units', () => {
  test.each<[string, object, boolean, number]>([
    ['nothing', {}, false, 0.5],
    ['nothing, consistently', {}, true, 1],
    ['4,096 bytes', { Item: sized(4096) }, false, 0.5],
    ['4,097 bytes', { Item: sized(4097) }, false, 1],
    ['4,097 bytes, consistently', { Item: sized(4097) }, true, 2],
  ])('of a read that finds %s', (_, output, ConsistentRead, units) => {
    expect(asked('GetItem', { TableName: 't', Key: {}, ConsistentRead }, output)).toEqual([{ table: 't', units }]);
  });

  test('of a batch are those of each key, found or not, and none of keys that were not processed', () => {
    const keys = (count: number) => Array.from({ length: count }, () => ({}));
    const RequestItems = { t: { Keys: keys(5) }, other: { Keys: keys(1), ConsistentRead: true } };
    const Responses = { t: [sized(5000), sized(10)], other: [sized(4096)] };
    const UnprocessedKeys = { t: { Keys: keys(1) } };
    expect(asked('BatchGetItem', { RequestItems }, { Responses, UnprocessedKeys })).toEqual([
      { table: 't', units: 1 + 0.5 + 2 * 0.5 },
      { table: 'other', units: 1 },
    ]);
  });

  test.each(['Query', 'Scan'])(
    'of a %s are those of all its items together, of the index that it reads',
    (operation) => {
      const Items = [sized(3000), sized(3000), sized(3000)];
      expect(asked(operation, { TableName: 't', IndexName: 'by' }, { Items })).toEqual([
        { table: 't', index: 'by', units: 1.5 },
      ]);
      expect(asked(operation, { TableName: 't', ConsistentRead: true }, { Items: [] })).toEqual([
        { table: 't', units: 1 },
      ]);
    },
  );

  test.each(['PutItem', 'DescribeTable'])('of %s are none', (operation) => {
    expect(asked(operation, { TableName: 't' }, {})).toEqual([]);
  });
});
