import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { eventJson } from '../../support/counter.ts';
import { QueueInMemory } from './parked.ts';
import { letterOf, letters, runOver } from './runs.ts';

describe('letters of an edit file that no queue shows', () => {
  const edits = new Map(
    ['letter-e1', 'letter-nowhere'].map((id) => [id, eventJson({ id: 'e1', key: 'k1' }) as CloudEvent]),
  );

  test('are named', async () => {
    const { summary, put } = await runOver([new QueueInMemory(letters(3))], { edits });
    expect(put).toEqual(['e1']);
    expect(summary.editsNotFound).toEqual(['letter-nowhere']);
  });

  test('are not, if the run ended before it had seen all', async () => {
    const queue = new QueueInMemory(letters(3));
    queue.failing = (kind) => kind === 'Receive';
    expect((await runOver([queue], { edits })).summary.editsNotFound).toEqual([]);
    const limited = await runOver([new QueueInMemory(letters(3))], { edits, options: { limit: 1 } });
    expect(limited.summary.editsNotFound).toEqual([]);
  });
});

describe('an export', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-export-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('writes what can be mended, counts what cannot, and sends nothing', async () => {
    const exportTo = join(directory, 'letters.ndjson');
    const s3 = { send: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })) };
    const gone = { payload: undefined, payloadIn: { bucket: 'the-bucket', key: 'dead-letters/x' } };
    const queue = new QueueInMemory([
      ...letters(2),
      letterOf(eventJson({ id: 'gone' }), gone),
      letterOf({ kind: 'alert' }, { id: 'effect', code: 'effect.refused' }),
    ]);
    const { exported, put, lines } = await runOver([queue], { exportTo, s3 });
    expect(exported).toEqual({ written: 2, withoutEvent: 2 });
    expect(readFileSync(exportTo, 'utf8').trim().split('\n')).toHaveLength(2);
    expect([put, lines]).toEqual([[], []]);
    expect(queue.visible).toHaveLength(4);
  });

  test('of nothing leaves no file behind, which would stand in the way of the next', async () => {
    const exportTo = join(directory, 'letters.ndjson');
    await runOver([new QueueInMemory()], { exportTo });
    expect(existsSync(exportTo)).toBe(false);
  });
});
