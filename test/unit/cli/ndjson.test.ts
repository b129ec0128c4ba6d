import { Readable } from 'node:stream';
import fc from 'fast-check';
import { limited, paced } from '../../../local/cli/input/flow.ts';
import { linesOf } from '../../../local/cli/input/lines.ts';
import { type BadLine, LINE_BYTES, readNdjson } from '../../../local/cli/input/ndjson.ts';
import { collect } from './collect.ts';

async function read(input: string | Buffer) {
  const bad: BadLine[] = [];
  const chunks = Readable.from([Buffer.from(input)]);
  const records = await collect(readNdjson(chunks, (line) => bad.push(line)));
  return { bad, sent: records.map(({ partitionKey, data }) => [partitionKey, Buffer.from(data).toString()]) };
}

describe('NDJSON', () => {
  test('is sent byte by byte as it stands, keyed by subject, however the lines end', async () => {
    const odd = '{ "subject":"u1",  "n": 1.0, "n": 12345678901234567890 }';
    const { sent, bad } = await read(`\ufeff${odd}\r\n\n  \t\r\n{"subject":"é"}`);
    expect(sent).toEqual([
      ['u1', odd],
      ['é', '{"subject":"é"}'],
    ]);
    expect(bad).toEqual([]);
  });

  test('sends what has a subject, whatever else is wrong with it', async () => {
    const { sent, bad } = await read('{"subject":"u1","type":7,"__proto__":{"data":null}}\n');
    expect(sent).toEqual([['u1', '{"subject":"u1","type":7,"__proto__":{"data":null}}']]);
    expect(bad).toEqual([]);
  });

  test.each<[string, string | Buffer, string]>([
    ['no JSON', '{"subject":"u1"', 'not JSON'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not UTF-8'],
    ['a number', '42', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['no subject', '{"id":"1"}', 'no subject to route it by'],
    ['an inherited subject', '{"__proto__":{"subject":"u1"}}', 'no subject to route it by'],
    ['a subject that is no text', '{"subject":7}', 'its subject is not a text, or empty'],
    ['an empty subject', '{"subject":""}', 'its subject is not a text, or empty'],
    [
      'a subject that no partition key holds',
      `{"subject":"${'u'.repeat(257)}"}`,
      'its subject is longer than 256 characters',
    ],
    [
      'more than a record holds',
      `{"subject":"u","x":"${'x'.repeat(1024 * 1024)}"}`,
      'larger than a Kinesis record of 1 MiB',
    ],
    ['more than any line may hold', 'x'.repeat(LINE_BYTES + 1), 'longer than 16 MiB'],
  ])('reports %s with its line, and goes on', async (_, line, reason) => {
    const good = '{"subject":"u1"}';
    const { sent, bad } = await read(
      Buffer.concat([Buffer.from(`${good}\n\n`), Buffer.from(line), Buffer.from(`\n${good}\n`)]),
    );
    expect(bad).toEqual([{ line: 3, reason }]);
    expect(sent).toEqual([
      ['u1', good],
      ['u1', good],
    ]);
  });

  test('takes a batch apart, and says which of its events is bad', async () => {
    const { sent, bad } = await read('[{"subject":"a","n":1},[],{"id":"x"},{"subject":"b"}]\n[]\n');
    expect(sent).toEqual([
      ['a', '{"subject":"a","n":1}'],
      ['b', '{"subject":"b"}'],
    ]);
    expect(bad).toEqual([
      { line: 1, event: 2, reason: 'not a JSON object' },
      { line: 1, event: 3, reason: 'no subject to route it by' },
    ]);
  });

  test('reports an event of a batch that is nested too deep to be encoded again', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const { sent, bad } = await read(`[{"subject":"a","data":${deep}},{"subject":"b"}]\n`);
    expect(sent).toEqual([['b', '{"subject":"b"}']]);
    expect(bad).toEqual([{ line: 1, event: 1, reason: 'nested too deep to be encoded' }]);
  });
});

test('lines are the same however the bytes are cut', async () => {
  const text = fc
    .array(fc.constantFrom('a', 'é', '\n', '\r\n', '\r', ' '), { maxLength: 40 })
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 60 }), async (input, cuts) => {
      const bytes = Buffer.from(input);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      chunks.push(bytes.subarray(at));
      const lines = await collect(linesOf(Readable.from(chunks), 1_000));
      const expected = input.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
      if (input === '' || input.endsWith('\n')) expected.pop();
      expect(lines.map((line) => line.bytes?.toString())).toEqual(expected);
      expect(lines.map((line) => line.number)).toEqual(expected.map((_, nth) => nth + 1));
    }),
  );
});

describe('a flow of events', () => {
  async function* counting(reads: { count: number }): AsyncGenerator<number> {
    for (;;) yield ++reads.count;
  }

  test('ends at its limit, and nothing beyond is read', async () => {
    const reads = { count: 0 };
    expect(await collect(limited(counting(reads), 3))).toEqual([1, 2, 3]);
    expect(reads.count).toBe(3);
  });

  test('keeps its rate on average, and catches up after a stall', async () => {
    let nowMs = 1_000;
    const sleep = async (ms: number) => {
      nowMs += ms;
    };
    const times: number[] = [];
    const { signal } = new AbortController();
    for await (const item of paced(limited(counting({ count: 0 }), 6), 10, { now: () => nowMs, sleep }, signal)) {
      times.push(nowMs);
      if (item === 3) nowMs += 150;
    }
    expect(times).toEqual([1_000, 1_100, 1_200, 1_350, 1_400, 1_500]);
  });
});
