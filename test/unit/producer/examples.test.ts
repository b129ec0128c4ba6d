import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aggregateOf } from '../../support/kpl.ts';
import { read, said } from '../decode/reading.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

/** One attempt at one record; examples/README.md says how each file was made. */
interface Attempt {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly taken: boolean;
}

function attemptsIn(file: string): readonly Attempt[] {
  const lines = readFileSync(join(EXAMPLES, file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { PartitionKey, Data, taken } = JSON.parse(line);
    return { partitionKey: PartitionKey, data: Buffer.from(Data, 'base64'), taken };
  });
}

const FILES = ['python/recorded/entries.ndjson', 'java/recorded/user-records.ndjson', 'go/expected/entries.ndjson'];
const USERS = ['user-1', 'user-2', 'user-ü'];
const idsOf = (user: string): readonly string[] => [1, 2, 3, 4].map((nth) => `${user}/${nth}`);
/** Later than the events, as arrivals are. */
const arrivalMs = Date.parse('2026-11-22T00:00:00Z');

describe.each(FILES)('examples/%s', (file) => {
  const attempts = attemptsIn(file);
  const byKey = Map.groupBy(attempts, ({ partitionKey }) => partitionKey);

  test('every record is one event that a processor of its subject takes', () => {
    for (const { partitionKey, data } of attempts) {
      const { id } = JSON.parse(Buffer.from(data).toString());
      expect(said(read(data, { partitionKey, arrivalMs }))).toEqual([id]);
    }
  });

  test('the stream holds all events of each key, in order', () => {
    expect([...byKey.keys()].sort()).toEqual(USERS);
    for (const [user, all] of byKey) {
      const taken = all.filter((attempt) => attempt.taken);
      expect(taken.flatMap(({ data }) => said(read(data, { partitionKey: user, arrivalMs })))).toEqual(idsOf(user));
    }
  });

  test('what failed is sent again byte for byte, before anything else of its key', () => {
    expect(attempts.filter(({ taken }) => !taken).length).toBeGreaterThan(3);
    for (const all of byKey.values()) {
      all.forEach(({ taken, data }, nth) => {
        if (!taken) expect(all[nth + 1]?.data).toEqual(data);
      });
    }
  });
});

test('user records of Java in an aggregate of the KPL are the same events, each under its own key', () => {
  const taken = attemptsIn('java/recorded/user-records.ndjson').filter((attempt) => attempt.taken);
  const items = read(aggregateOf(taken), { partitionKey: 'a', arrivalMs }, { kplProducers: true });
  const ids = items.map((item) => (item.kind === 'event' ? [item.key, item.incoming.event.id] : item.kind));
  expect(ids.length).toBe(12);
  for (const user of USERS) expect(ids.filter(([key]) => key === user).map(([, id]) => id)).toEqual(idsOf(user));
});

test.each(['python/producer.py', 'java/Producer.java', 'go/producer.go'])('%s has fewer than 60 lines', (file) => {
  expect(readFileSync(join(EXAMPLES, file), 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
});
