import type { DebeziumAdapterManifest } from '../../../lambdas/core/adapter.ts';
import { debeziumAdapter } from '../../../lambdas/runtime/adapters/debezium.ts';
import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { parsePayload } from '../../../lambdas/runtime/decode/payload.ts';
import { happened } from '../../support/counter.ts';
import { eventOf, recordOf, sequenceNumber } from '../../support/events.ts';
import { bench } from '../../support/runtime.ts';

const MARK = 0x03;
let down: boolean;
beforeEach(() => {
  down = true;
});

/** Records that begin with the mark are JSON behind it, once the registry is up. */
const formats: Formats = {
  isFramed: (data) => data[0] === MARK,
  parse: (data) => {
    if (down) throw new Error('No record whose schema is not there may be read');
    return parsePayload(data.subarray(1));
  },
  prepare: async (records) => ({
    held: new Map(
      records.flatMap(({ data, partitionKey }, index) =>
        down && data[0] === MARK ? [[index, [partitionKey]] as const] : [],
      ),
    ),
    trouble: { code: 'registry.throttled', message: 'slow down' },
  }),
};

const record = (nth: number, key: string, id: string, framed = false) => {
  const json = Buffer.from(JSON.stringify(eventOf(happened, {}, { subject: key, id })));
  const data = framed ? Buffer.concat([Buffer.from([MARK]), json]) : json;
  return recordOf(data, { partitionKey: key, sequence: sequenceNumber(nth) });
};
const batch = [
  record(1, 'a', 'a1'),
  record(2, 'b', 'b1'),
  record(3, 'a', 'a2', true),
  record(4, 'a', 'a3'),
  record(5, 'b', 'b2'),
];
const folded = async (runtime: ReturnType<typeof bench>, key: string) => {
  const rows = await runtime.store.read([key], true, new AbortController().signal);
  const row = rows.get(key);
  return row !== undefined && 'state' in row ? (row.state as { folded: readonly string[] }).folded : [];
};

describe('while the registry does not answer', () => {
  test('the key of a record waits, in order, and all others go on', async () => {
    const runtime = bench({ settings: { formats } });
    const report = await runtime.run(batch);
    expect(await folded(runtime, 'b')).toEqual(['b1', 'b2']);
    expect(await folded(runtime, 'a')).toEqual([]);
    expect(report.failedFrom).toBe(sequenceNumber(1));
    expect(report.blocked).toMatchObject([{ code: 'registry.throttled' }]);
  });

  test('nothing is rejected, and all is folded once when it answers again', async () => {
    const runtime = bench({ settings: { formats } });
    await runtime.run(batch);
    down = false;
    const report = await runtime.run(batch);
    expect(report.failedFrom).toBeUndefined();
    expect(await folded(runtime, 'a')).toEqual(['a1', 'a2', 'a3']);
    expect(await folded(runtime, 'b')).toEqual(['b1', 'b2']);
  });

  test('on a stream with an adapter, the key is what the partition key stands for', async () => {
    const manifest: DebeziumAdapterManifest = { kind: 'debezium', tables: {}, partitionKey: '{"id":{subject}}' };
    const runtime = bench({ settings: { formats, adapter: debeziumAdapter(manifest) } });
    const framed = { ...record(2, 'a', 'a2', true), partitionKey: '{"id":a}' };
    const report = await runtime.run([{ ...record(1, 'a', 'a1'), partitionKey: '{"id":a}' }, framed]);
    expect(await folded(runtime, 'a')).toEqual([]);
    expect(report.failedFrom).toBe(sequenceNumber(1));
  });
});
