import { REDRIVE, type RedriveMark } from '../../../lambdas/core/redrive.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import { type Candidate, type Edges, type PutOutcome, redriveOne } from '../../../local/cli/redrive/engine.ts';
import { eventJson } from '../../support/counter.ts';

const NOW = Date.UTC(2026, 10, 1);
const candidate: Candidate = {
  copy: { fate: 'rejected', idHash: 1n, sequence: '1', arrivalMs: NOW - 60_000 },
  key: 'k',
  markId: 'm',
  event: eventJson() as Candidate['event'],
  partitionKey: 'k',
};
const known: Row = {
  key: 'k',
  version: 3,
  epoch: 'e',
  schema: 1,
  token: 't',
  marks: {},
  ids: [{ minute: 1, hashes: [1n] }],
  outbox: { effects: [] },
  state: {},
};

function world({
  put = { kind: 'acknowledged', shard: 's', sequence: '9' } as PutOutcome,
  row = undefined as Row | undefined,
} = {}) {
  const calls: string[] = [];
  let mark: RedriveMark | undefined;
  let deadline = 0;
  const edges: Edges = {
    readRow: async () => row,
    readMark: async () => mark,
    writeMark: async (_, next, over) => {
      if (mark?.token !== over?.token) return 'conflict';
      mark = next;
      calls.push(next.sequence === undefined ? 'claim' : 'note');
      return 'written';
    },
    undoMark: async (_, __, over) => {
      mark = over;
      calls.push('undo');
    },
    put: async (_, notAfterMs) => {
      deadline = notAfterMs;
      calls.push('put');
      return put;
    },
    settle: async () => {
      calls.push('settle');
      return 2;
    },
    now: () => NOW,
    token: () => 'mine',
    arrivalsInOrder: true,
  };
  const setMark = (set: RedriveMark): void => {
    mark = set;
  };
  return { edges, calls, mark: () => mark, setMark, deadline: () => deadline };
}
const SEND = { dryRun: false, force: false, strict: false };

test('an event is claimed before it is put, for a minute at most, and its place is noted', async () => {
  const { edges, calls, mark, deadline } = world();
  expect(await redriveOne(candidate, edges, SEND)).toEqual({ kind: 'sent', proof: 'ids', shard: 's', sequence: '9' });
  expect(calls).toEqual(['claim', 'put', 'note']);
  expect(mark()).toEqual({ token: 'mine', firstMs: NOW, lastMs: NOW, sequence: '9' });
  expect(deadline()).toBe(NOW + REDRIVE.claimMs);
});

test('what the stream did not take leaves no claim, what may be in it does', async () => {
  const refused = world({ put: { kind: 'not-put', message: 'no' } });
  expect(await redriveOne(candidate, refused.edges, SEND)).toEqual({ kind: 'failed', message: 'no' });
  expect(refused.mark()).toBeUndefined();
  const doubtful = world({ put: { kind: 'in-doubt', message: 'silence' } });
  expect(await redriveOne(candidate, doubtful.edges, SEND)).toEqual({ kind: 'failed', message: 'silence' });
  expect(doubtful.mark()).toEqual({ token: 'mine', firstMs: NOW, lastMs: NOW });
});

test('who loses the claim puts nothing', async () => {
  const { edges, calls } = world();
  const late = { ...edges, writeMark: async () => 'conflict' as const };
  expect(await redriveOne(candidate, late, SEND)).toEqual({ kind: 'refused', code: 'claimed' });
  expect(calls).toEqual([]);
});

test('an applied event is not put again, and the effects of its row are settled first', async () => {
  const { edges, calls } = world({ row: known });
  expect(await redriveOne(candidate, edges, { ...SEND, force: true })).toEqual({ kind: 'applied', resent: 2 });
  expect(calls).toEqual(['settle']);
});

test('a dry run touches nothing', async () => {
  for (const row of [undefined, known]) {
    const { edges, calls } = world({ row });
    await redriveOne(candidate, edges, { dryRun: true, force: false, strict: false });
    expect(calls).toEqual([]);
  }
});

test('what cannot be proven is sent by force alone', async () => {
  const ids = [{ minute: NOW / 60_000, hashes: Array.from({ length: 40 }, (_, n) => BigInt(n + 100)) }];
  const unknown = { ...candidate, copy: { ...candidate.copy, fate: 'discarded' as const } };
  const { edges } = world({ row: { ...known, ids } });
  expect(await redriveOne(unknown, edges, SEND)).toEqual({ kind: 'refused', code: 'unproven' });
  expect(await redriveOne(unknown, edges, { ...SEND, force: true })).toMatchObject({ kind: 'sent', proof: 'force' });
});

test('an event in doubt that is sent by force stays in doubt: its earlier record may be there as well', async () => {
  const since = NOW - 600_000;
  const { edges, mark, setMark } = world();
  setMark({ token: 'earlier', firstMs: since, lastMs: since });
  expect(await redriveOne(candidate, edges, SEND)).toEqual({ kind: 'refused', code: 'in-doubt', sinceMs: since });
  expect(await redriveOne(candidate, edges, { ...SEND, force: true })).toMatchObject({ kind: 'sent', proof: 'force' });
  expect(mark()).toMatchObject({ firstMs: since, lastMs: NOW, sequence: '9' });
});

test('a letter is believed unless only rows are', async () => {
  const ids = [{ minute: NOW / 60_000, hashes: Array.from({ length: 40 }, (_, n) => BigInt(n + 100)) }];
  const { edges } = world({ row: { ...known, ids } });
  expect(await redriveOne(candidate, edges, { ...SEND, strict: true })).toEqual({ kind: 'refused', code: 'unproven' });
  expect(await redriveOne(candidate, edges, SEND)).toMatchObject({ kind: 'sent', proof: 'letter' });
});
