import { blank, commit, fold, letter } from './letters.ts';

const kinds = (incoming: Parameters<typeof fold>[0], base = blank) =>
  fold(incoming, base).outcomes.map(({ kind }) => kind);

describe('folding events into a row', () => {
  test('applies them in order, makes one version of them and remembers them', () => {
    const { candidate, outcomes, changed } = fold([
      letter('a'),
      letter('b', { sequence: 95 }),
      letter('c', { sequence: 105, arrivalMs: 5_999 }),
    ]);
    expect(candidate).toMatchObject({
      version: 1,
      state: { text: 'abc' },
      marks: { 'letters:0': { sequence: '105', index: 0, arrival: 5 } },
    });
    expect(candidate.ids.flatMap(({ hashes }) => hashes)).toHaveLength(3);
    expect([outcomes, changed]).toEqual([[{ kind: 'applied' }, { kind: 'applied' }, { kind: 'applied' }], true]);
  });

  test('keeps what the row knew of other shards and events', () => {
    const before = commit([letter('a', { shard: 1 }), letter('b', { shard: 2 })]);
    const after = commit([letter('c', { shard: 1 })], before);
    expect(after).toMatchObject({ version: 2, state: { text: 'abc' } });
    expect(Object.keys(after.marks)).toEqual(['letters:1', 'letters:2']);
    expect(after.ids.flatMap(({ hashes }) => hashes)).toHaveLength(3);
  });

  test('upcasts data of older versions', () => {
    expect(fold([letter({ code: 65 }, { version: 1 }), letter('b')]).candidate.state.text).toBe('Ab');
  });

  test('keeps effects with their cause and their index, the trace if there is one', () => {
    const [plain, traced] = [letter('a'), letter('b', { traceparent: '00-1-2-01' })];
    const { id, source, time } = traced.event;
    const { effects, cause } = fold([plain, traced]).candidate;
    expect(effects.map(({ cause: { id }, index, effect }) => [id, index, 'reason' in effect && effect.reason])).toEqual(
      [
        [plain.event.id, 0, 'a1'],
        [plain.event.id, 1, 'a2'],
        [id, 0, 'b1'],
        [id, 1, 'b2'],
      ],
    );
    expect(effects[0]?.cause).not.toHaveProperty('traceparent');
    expect(cause).toEqual({ id, source, time, traceparent: '00-1-2-01' });
  });

  test('of nothing changes nothing', () => {
    const base = commit([letter('a')]);
    expect(fold([], base)).toMatchObject({
      changed: false,
      outcomes: [],
      candidate: { state: base.state, marks: base.marks, ids: base.ids },
    });
    expect(fold([], base).candidate).not.toHaveProperty('cause');
  });
});

describe('a repeat', () => {
  test('is recognised by its position, in the same batch and in a later one', () => {
    const a = letter('a');
    expect(fold([a, a]).outcomes[1]).toEqual({ kind: 'duplicate', by: 'position' });
    expect(fold([a], commit([a, letter('b')])).outcomes).toEqual([{ kind: 'duplicate', by: 'position' }]);
  });

  test('is recognised by its id at a new position, in the same batch and in a later one', () => {
    const again = () => letter('a', { id: 'again' });
    expect(fold([again(), again()]).outcomes[1]).toEqual({ kind: 'duplicate', by: 'id' });
    const base = commit([again()]);
    const { outcomes, candidate } = fold([again(), letter('b')], base);
    expect([outcomes[0], candidate.state.text]).toEqual([{ kind: 'duplicate', by: 'id' }, 'ab']);
  });

  test('by id is passed: its own position is recognised from then on', () => {
    const base = commit([letter('a', { id: 'once' })]);
    const again = letter('a', { id: 'once' });
    const after = commit([again, letter('b')], base);
    expect(fold([again], after).outcomes).toEqual([{ kind: 'duplicate', by: 'position' }]);
  });

  test('has no effects and does not become the cause of the commit', () => {
    const base = commit([letter('a', { id: 'once' })]);
    const b = letter('b');
    const { candidate } = fold([b, letter('a', { id: 'once' })], base);
    expect(candidate.cause?.id).toBe(b.event.id);
    expect(candidate.effects).toHaveLength(2);
  });

  test('alone gives nothing to commit if its position is known', () => {
    const a = letter('a', { id: 'once' });
    expect(fold([a], commit([a]))).toMatchObject({ changed: false, evictedYoung: 0 });
  });

  test('alone is passed: delivered again once its id is forgotten and its shard has split, it is still known', () => {
    const first = letter('a', { id: 'once' });
    const again = letter('a', { id: 'once' });
    const moved = Array.from({ length: 300 }, (_, n) => letter('b', { id: `later-${n}`, shard: 1 }));
    const after = commit(moved, commit([again], commit([first])));
    expect(kinds([letter('a', { id: 'once', shard: 1 })], after)).toEqual(['applied']);
    expect(fold([again], after).outcomes).toEqual([{ kind: 'duplicate', by: 'position' }]);
  });

  test('alone is not passed in a row that has no room for its position', () => {
    const base = commit([letter('a', { id: 'once' })]);
    const noRoom = () => false;
    expect(fold([letter('a', { id: 'once' })], base, noRoom)).toMatchObject({
      changed: false,
      outcomes: [{ kind: 'duplicate', by: 'id' }],
    });
  });

  test('under another id, or the same id of another source, is none', () => {
    expect(kinds([letter('a', { id: 'x' }), letter('a', { id: 'y' })])).toEqual(['applied', 'applied']);
  });
});

describe('an event on which pure code throws', () => {
  const illegible = (id: string) => letter('!SECRET', { id });

  test.each([
    ['the reducer', () => illegible('x'), 'Illegible'],
    ['an upcaster', () => letter({ code: -1 }, { version: 1 }), 'RangeError'],
  ])('is rejected alone: %s', (_, bad, thrown) => {
    const { candidate, outcomes, changed } = fold([letter('a'), bad(), letter('b')]);
    expect(candidate.state.text).toBe('ab');
    expect([outcomes[0]?.kind, outcomes[2]?.kind, changed]).toEqual(['applied', 'applied', true]);
    expect(outcomes[1]).toMatchObject({
      kind: 'rejected',
      cause: {
        code: 'event.reducer-threw',
        message: `The reducer of letters threw on letter.written: ${thrown}`,
        details: { type: 'letter.written' },
      },
    });
  });

  test('has its place kept, but not its message, which may quote personal data over several lines', () => {
    const [outcome] = fold([illegible('x')]).outcomes;
    expect(JSON.stringify(outcome)).not.toContain('SECRET');
    const { cause } = outcome as unknown as { cause: { details: { at: readonly string[] } } };
    expect(cause.details.at).toHaveLength(3);
    expect(cause.details.at[0]).toMatch(/^at .*letters\.ts:\d+:\d+\)?$/);
  });

  test.each([
    ['text', 'SECRET', 'string'],
    ['an error without a stack', Object.assign(new Error('SECRET'), { stack: undefined }), 'Error'],
    [
      'an error whose stack lacks its message',
      Object.assign(new Error('SECRET'), { stack: 'Error\n    at SECRET' }),
      'Error',
    ],
  ])('may throw %s', (_, thrown, named) => {
    const state = {
      get text(): string {
        throw thrown;
      },
    };
    const [outcome] = fold([letter('a')], { ...blank, state }).outcomes;
    expect(outcome).toMatchObject({ kind: 'rejected', cause: { message: expect.stringContaining(`: ${named}`) } });
    expect(JSON.stringify(outcome)).not.toContain('SECRET');
  });

  test('has no effects, and is not the cause of the commit', () => {
    const a = letter('a');
    const { candidate } = fold([a, illegible('x')]);
    expect([candidate.cause?.id, candidate.effects.length]).toEqual([a.event.id, 2]);
  });

  test('is passed, but its id is not remembered, so that it can be redriven', () => {
    const bad = illegible('redriven');
    const base = commit([letter('a'), bad]);
    expect(fold([bad], base).outcomes).toEqual([{ kind: 'duplicate', by: 'position' }]);
    expect(kinds([letter('b', { id: 'redriven' })], base)).toEqual(['applied']);
    expect(kinds([bad, letter('b', { id: 'redriven' })])).toEqual(['rejected', 'applied']);
  });

  test('alone gives nothing to commit: garbage creates no rows', () => {
    expect(fold([illegible('x'), illegible('y')])).toMatchObject({
      changed: false,
      candidate: { state: { text: '' }, ids: [] },
    });
  });
});

describe('a row that would become too large', () => {
  const upTo = (length: number) => (text: string) => text.length <= length;
  const abc = () => [letter('a'), letter('b'), letter('c')];

  test('ends the fold before the event that makes it so', () => {
    const [a, b, c] = abc() as [ReturnType<typeof letter>, ReturnType<typeof letter>, ReturnType<typeof letter>];
    const { candidate, outcomes, changed } = fold([a, b, c], blank, upTo(2));
    expect([outcomes.length, candidate.state.text, changed]).toEqual([2, 'ab', true]);
    expect(candidate.marks['letters:0']?.sequence).toBe(b.position.sequence);
    expect([candidate.cause?.id, candidate.effects.length]).toEqual([b.event.id, 4]);
    expect(candidate.ids.flatMap(({ hashes }) => hashes)).toEqual([a.idHash, b.idHash]);
  });

  test('is not in the way of what fits exactly', () => {
    expect(fold(abc(), blank, upTo(3)).outcomes).toHaveLength(3);
  });

  test('rejects the first event that is too large by itself, and goes on with the next', () => {
    const big = letter('xxxxx', { id: 'big' });
    const { candidate, outcomes, changed } = fold([big, letter('a'), letter('a')], blank, upTo(2));
    expect(outcomes).toEqual([
      {
        kind: 'rejected',
        cause: {
          code: 'state.too-large',
          message: expect.stringContaining('letter.written'),
          details: { type: 'letter.written' },
        },
      },
      { kind: 'applied' },
      { kind: 'applied' },
    ]);
    expect([candidate.state.text, candidate.effects.length, changed]).toEqual(['aa', 4, true]);
    expect(candidate.ids.flatMap(({ hashes }) => hashes)).not.toContain(big.idHash);
  });

  test('passes a rejected event, so that the row does not meet it again', () => {
    const big = letter('xxxxx');
    const { candidate } = fold([big, letter('a')], blank, upTo(2));
    expect(fold([big], candidate).outcomes).toEqual([{ kind: 'duplicate', by: 'position' }]);
  });

  test('rejects it again when it comes again: its id is not remembered', () => {
    const big = () => letter('xxxxx', { id: 'big' });
    const { outcomes } = fold([big(), big(), letter('a', { id: 'big' })], blank, upTo(2));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'rejected', 'applied']);
  });

  test('leaves a too large event after others for the next commit, which rejects it', () => {
    const [a, big, b] = [letter('a'), letter('xxxxx'), letter('b')];
    const first = fold([a, big, b], blank, upTo(3));
    expect(first.outcomes).toEqual([{ kind: 'applied' }]);
    const second = fold([big, b], first.candidate, upTo(3));
    expect([second.outcomes.map(({ kind }) => kind), second.candidate.state.text]).toEqual([
      ['rejected', 'applied'],
      'ab',
    ]);
  });

  test('alone gives nothing to commit', () => {
    expect(fold([letter('xxxxx')], blank, upTo(2))).toMatchObject({ changed: false, candidate: { effects: [] } });
  });

  test('is found without sizing it after each event', () => {
    const many = Array.from({ length: 1_000 }, () => letter('a'));
    let sized = 0;
    const { outcomes, candidate } = fold(many, blank, (text) => ++sized > 0 && text.length <= 700);
    expect([outcomes.length, candidate.state.text.length]).toEqual([700, 700]);
    expect(sized).toBeLessThan(15);
  });

  test('is cut where the repeats and rejected events around the cut leave it', () => {
    const once = letter('a', { id: 'once' });
    const again = letter('a', { id: 'once' });
    const [bad, b] = [letter('!'), letter('b')];
    const { outcomes, candidate } = fold([once, again, bad, b], blank, upTo(1));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'duplicate', 'rejected']);
    expect(candidate.marks['letters:0']?.sequence).toBe(bad.position.sequence);
    expect(fold([again, bad], candidate, upTo(1)).changed).toBe(false);
  });
});

describe('ids that had to go young', () => {
  test('are counted', () => {
    const many = Array.from({ length: 260 }, () => letter('a'));
    expect(fold(many).evictedYoung).toBe(4);
    expect(fold(many.slice(0, 256)).evictedYoung).toBe(0);
  });

  test('are still recognised within the batch that evicted them', () => {
    const many = Array.from({ length: 300 }, (_, nth) => letter('a', { id: `n${nth}` }));
    expect(fold([...many, letter('a', { id: 'n0' })]).outcomes.at(-1)).toEqual({ kind: 'duplicate', by: 'id' });
  });
});
