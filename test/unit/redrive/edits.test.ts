import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEdits } from '../../../local/cli/redrive/edits.ts';
import type { Reading } from '../../../local/cli/redrive/events.ts';
import { exportFile } from '../../../local/cli/redrive/export.ts';
import { ARRIVAL, eventJson, happened, testCatalogue } from '../../support/counter.ts';

const reading: Reading = {
  processor: 'counter',
  stream: 'in',
  catalogue: testCatalogue,
  handled: new Set([happened.type]),
  kplProducers: false,
  futureToleranceMs: 300_000,
  replayMode: false,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-edits-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const edits = (...lines: readonly string[]) => {
  const file = join(directory, 'edits.ndjson');
  writeFileSync(file, lines.join('\n'));
  return readEdits(file, reading, ARRIVAL);
};
const line = (letter: string, event: object): string => JSON.stringify({ letter, event });

test('what an export wrote can be edited and read, and its owner alone may read it', () => {
  const file = join(directory, 'letters.ndjson');
  const event = eventJson({ id: 'e1', key: 'somebody' });
  {
    using exported = exportFile(file);
    exported.add(
      { id: 'l1', processor: 'counter', code: 'event.reducer-threw', message: 'x' },
      Buffer.from(JSON.stringify(event)),
    );
  }
  expect(readEdits(file, reading, ARRIVAL)).toEqual(new Map([['l1', event]]));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() => exportFile(file)).toThrow(/is there already/);
});

test('every line that cannot be used is named, and none is used then', () => {
  const bad = () =>
    edits(
      line('l1', eventJson()),
      'no JSON',
      line('l2', { id: 'no envelope' }),
      '',
      line('l1', eventJson()),
      line('l3', eventJson({ data: { throws: 'yes' } })),
      line('l4', eventJson({ type: 'test.unknown' })),
    );
  expect(bad).toThrow(/nothing was sent/);
  for (const problem of [
    /line 2: .*no JSON/,
    /line 3: .*no CloudEvent/,
    /line 5: .*already/,
    /line 6: .*invalid-data/,
    /line 7: .*unknown-type/,
  ]) {
    expect(bad).toThrow(problem);
  }
  expect(bad).not.toThrow(/line [14]:/);
});

test('a file that is empty or not there says so', () => {
  expect(() => edits('', '')).toThrow(/holds no edits/);
  expect(() => readEdits(join(directory, 'nowhere'), reading, ARRIVAL)).toThrow(/cannot be read: .*ENOENT/);
});

test('two events under one id are refused, since one would be taken for a repeat; the same event twice is not', () => {
  const first = line('l1', eventJson({ id: 'e1' }));
  const another = line('l2', eventJson({ id: 'e1', data: { throws: false } }));
  expect(() => edits(first, another)).toThrow(/line 2: line 1 has another event under the same source and id/);
  expect(edits(first, line('l2', eventJson({ id: 'e1' }))).size).toBe(2);
  expect(edits(first, line('l2', eventJson({ id: 'e1', key: 'k2' }))).size).toBe(2);
});

test('what is wrong is said by member, without values', () => {
  expect(() => edits(line('l1', eventJson({ data: { throws: 'secret' } })))).toThrow(/line 1: .*\(throws: .*boolean/);
  const { time: _, ...untimed } = eventJson() as { time: string };
  expect(() => edits(line('l1', untimed))).toThrow(/line 1: .*no CloudEvent.*\(time: /);
  expect(() => edits(line('l1', eventJson({ data: { throws: 'secret' } })))).not.toThrow(/secret/);
});

test('a byte order mark, which some editors write, is no problem', () => {
  expect(edits(`\uFEFF${line('l1', eventJson())}`).size).toBe(1);
});
