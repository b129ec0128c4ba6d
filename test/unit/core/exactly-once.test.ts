import fc from 'fast-check';
import type { Incoming } from '../../../lambdas/core/fold.ts';
import { blank, commit, fold, letter } from './letters.ts';

/**
 * What a stream may hold and how Lambda may deliver it, for one key. Sends are records in order, several events to a record, over a
 * reshard, with producers' repeats of recent events and events on which the reducer throws. Deliveries start anywhere in what was
 * delivered before, or right after it.
 */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

/** Sequence numbers that grow by a digit on the way: compared as text they would go back. */
const FIRST_SEQUENCE = 95;

interface Send {
  /** How many distinct events back a repeat lies; 0 for a new event. */
  readonly back: number;
  readonly throws: boolean;
  /** Whether it shares its record with the one before. */
  readonly joined: boolean;
}

const anySend: fc.Arbitrary<Send> = fc.record({
  back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) }),
  throws: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  joined: fc.boolean(),
});

function streamOf(sends: readonly Send[], reshardAt: number): readonly Incoming[] {
  let [distinct, sequence, index] = [0, FIRST_SEQUENCE, 0];
  return sends.map(({ back, throws, joined }, nth) => {
    const shard = nth < reshardAt ? 0 : 1;
    if (nth > 0) [sequence, index] = joined && nth !== reshardAt ? [sequence, index + 1] : [sequence + 1, 0];
    const which = back === 0 ? distinct++ : Math.max(0, distinct - back);
    const name = ALPHABET.charAt(which % ALPHABET.length);
    return letter(throws ? `!${name}` : name, { id: `event-${which}`, shard, sequence, index });
  });
}

/** What folding each event once, in order, comes to: the first send of each that does not throw. */
function expectedText(stream: readonly Incoming[]): string {
  const applied = new Set<string>();
  let text = '';
  for (const { event } of stream) {
    const { letter: sent } = event.data as { letter: string };
    if (sent.startsWith('!') || applied.has(event.id)) continue;
    applied.add(event.id);
    text += sent;
  }
  return text;
}

const plan = fc.record({
  sends: fc.array(anySend, { minLength: 1, maxLength: 40 }),
  reshardAt: fc.nat(40),
  // Each delivery: how far it goes back into what was delivered, and how many events it takes from there.
  deliveries: fc.array(fc.record({ back: fc.nat(20), take: fc.integer({ min: 1, max: 25 }) }), { maxLength: 12 }),
});

describe('events of a key, however they are delivered', () => {
  test('come to the same as each folded once', () => {
    fc.assert(
      fc.property(plan, ({ sends, reshardAt, deliveries }) => {
        const stream = streamOf(sends, reshardAt);
        let content = blank;
        let reached = 0;
        for (const { back, take } of [...deliveries, { back: 0, take: stream.length }]) {
          const start = Math.max(0, reached - back);
          content = commit(stream.slice(start, start + take), content);
          reached = Math.max(reached, Math.min(stream.length, start + take));
        }
        expect(content.state.text).toBe(expectedText(stream));
        expect(content.state).toEqual(commit(stream).state);
      }),
      { numRuns: 300 },
    );
  });

  test('have each effect once, under its cause and index', () => {
    fc.assert(
      fc.property(plan, ({ sends, reshardAt, deliveries }) => {
        const stream = streamOf(sends, reshardAt);
        const effectsOf = (batches: readonly (readonly Incoming[])[]): readonly unknown[] => {
          let content = blank;
          return batches.flatMap((batch) => {
            const { effects } = fold(batch, content).candidate;
            content = commit(batch, content);
            return effects;
          });
        };
        let reached = 0;
        const batches = [...deliveries, { back: 0, take: stream.length }].map(({ back, take }) => {
          const start = Math.max(0, reached - back);
          reached = Math.max(reached, Math.min(stream.length, start + take));
          return stream.slice(start, start + take);
        });
        expect(effectsOf(batches)).toEqual(effectsOf([stream]));
      }),
    );
  });

  test('have each an outcome, in order, and a row that holds no more of them fits', () => {
    fc.assert(
      fc.property(plan, fc.nat(30), ({ sends, reshardAt }, most) => {
        const stream = streamOf(sends, reshardAt);
        let [content, left, steps] = [blank, stream, 0];
        while (left.length > 0) {
          const { candidate, outcomes } = fold(
            left,
            content,
            (text) => text.length - content.state.text.length <= most,
          );
          expect(outcomes.length).toBeGreaterThan(0);
          content = candidate;
          left = left.slice(outcomes.length);
          steps++;
        }
        expect(steps).toBeLessThanOrEqual(stream.length);
        if (most > 0) expect(content.state.text).toBe(expectedText(stream));
        else expect(content.state.text).toBe('');
      }),
    );
  });
});
