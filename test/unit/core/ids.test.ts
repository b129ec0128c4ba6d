import fc from 'fast-check';
import { decodeIds, encodeIds, hashesOf, IDS, type Ids, remember } from '../../../lambdas/core/ids.ts';

const MINUTE_MS = 60_000;
const minute = (n: number): number => n * MINUTE_MS;
/** `count` ids from `first` on, all arriving at once. */
const arriving = (count: number, arrivalMs: number, first = 0) =>
  Array.from({ length: count }, (_, nth) => ({ hash: BigInt(first + nth), arrivalMs }));
const kept = (ids: Ids): readonly bigint[] => [...hashesOf(ids)];
const from = (first: number, count: number): readonly bigint[] =>
  Array.from({ length: count }, (_, nth) => BigInt(first + nth));

describe('recent ids', () => {
  test('are kept in order of application, grouped by minute of arrival', () => {
    const { ids } = remember(
      [],
      [...arriving(2, minute(7)), ...arriving(1, minute(7) + 59_999, 2), ...arriving(1, minute(8), 3)],
    );
    expect(ids).toEqual([
      { minute: 7, hashes: [0n, 1n, 2n] },
      { minute: 8, hashes: [3n] },
    ]);
  });

  test('are the very same when nothing is added', () => {
    const { ids } = remember([], arriving(3, 0));
    expect(remember(ids, [])).toEqual({ ids, evictedYoung: 0 });
    expect(remember(ids, []).ids).toBe(ids);
  });

  test('outlive their window as long as there are few', () => {
    const { ids } = remember([], arriving(IDS.least - 1, minute(1)));
    expect(kept(remember(ids, arriving(1, minute(10_000), 100)).ids)).toEqual([...from(0, 31), 100n]);
  });

  test('beyond the least number go when their window is over, oldest first', () => {
    const { ids } = remember([], arriving(40, minute(1)));
    const { ids: next, evictedYoung } = remember(ids, arriving(1, minute(7), 100));
    expect(kept(next)).toEqual([...from(9, 31), 100n]);
    expect(evictedYoung).toBe(0);
  });

  test.each([
    ['within their window all stay', minute(6) + 59_999, 41],
    ['a minute later those beyond the least number go', minute(7), 32],
  ])('%s', (_, arrivalMs, count) => {
    const { ids } = remember([], arriving(40, minute(1) + 59_999));
    expect(kept(remember(ids, arriving(1, arrivalMs, 100)).ids)).toHaveLength(count);
  });

  test('an id is never forgotten within five minutes of its arrival', () => {
    fc.assert(
      fc.property(fc.nat(300_000), fc.nat(300_000), (offset, later) => {
        const { ids } = remember([], arriving(IDS.least + 1, minute(100) + offset));
        const next = remember(ids, arriving(1, minute(100) + offset + later, 1000));
        expect(hashesOf(next.ids).has(0n)).toBe(true);
      }),
    );
  });

  test('are never more than the most: the oldest go, and are counted if they were young', () => {
    const { ids, evictedYoung } = remember([], arriving(IDS.most, minute(1)));
    expect([kept(ids).length, evictedYoung]).toEqual([IDS.most, 0]);
    const more = remember(ids, arriving(10, minute(1), 1000));
    expect(kept(more.ids)).toEqual([...from(10, IDS.most - 10), ...from(1000, 10)]);
    expect(more.evictedYoung).toBe(10);
  });

  test('that are old and have to go anyway are not counted as young', () => {
    const { ids } = remember([], arriving(IDS.most, minute(1)));
    const next = remember(ids, arriving(IDS.most, minute(20), 1000));
    expect(next).toEqual({ ids: [{ minute: 20, hashes: from(1000, IDS.most) }], evictedYoung: 0 });
  });

  test('more at once than can be kept: the last stay, and the others are counted', () => {
    const { ids, evictedYoung } = remember([], arriving(300, minute(1)));
    expect(kept(ids)).toEqual(from(44, 256));
    expect(evictedYoung).toBe(44);
  });

  test('are as old as the latest of all says, not the last one that came', () => {
    const { ids } = remember([], arriving(40, minute(1)));
    const next = remember(ids, [...arriving(1, minute(100), 100), ...arriving(1, minute(2), 200)]);
    expect(kept(next.ids)).toEqual([...from(10, 30), 100n, 200n]);
  });

  test('that are old, but came after a young one, are not counted when they have to go', () => {
    const { ids } = remember([], [...arriving(1, minute(100)), ...arriving(IDS.most - 1, minute(50), 1)]);
    const next = remember(ids, arriving(10, minute(100), 1000));
    expect(kept(next.ids)).toEqual([...from(10, IDS.most - 10), ...from(1000, 10)]);
    expect(next.evictedYoung).toBe(1);
  });

  test('of every row are at least 32 of the latest, or all there are, and at most 256, young ones first to stay', () => {
    const batch = fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 8 }), (batches) => {
        let ids: Ids = [];
        let [evicted, minutes] = [0, 0];
        const all: { hash: bigint; minute: number }[] = [];
        for (const [count, pause] of batches) {
          minutes += pause;
          const added = arriving(count, minute(minutes), all.length);
          all.push(...added.map(({ hash }) => ({ hash, minute: minutes })));
          const next = remember(ids, added);
          ids = next.ids;
          evicted += next.evictedYoung;
        }
        const stayed = kept(ids);
        expect(stayed).toEqual(all.slice(-stayed.length).map(({ hash }) => hash));
        expect(stayed.length).toBeGreaterThanOrEqual(Math.min(all.length, IDS.least));
        expect(stayed.length).toBeLessThanOrEqual(IDS.most);
        const young = all.filter((one) => one.minute >= minutes - 5).length;
        if (evicted === 0) expect(stayed.length).toBeGreaterThanOrEqual(young);
      }),
    );
  });
});

describe('the stored form of ids', () => {
  const anyIds = fc.array(
    fc.record({
      minute: fc.nat(0xffff_ffff),
      hashes: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 40 }),
    }),
    { maxLength: 6 },
  );

  test('takes 4 bytes for the first minute, 1 for each further one, 1 for each size and 8 an id', () => {
    const { ids } = remember([], [...arriving(3, minute(29_000_000)), ...arriving(1, minute(29_000_002), 3)]);
    expect(encodeIds(ids)).toHaveLength(4 + 1 + 3 * 8 + 1 + 1 + 8);
    expect(encodeIds([])).toHaveLength(0);
  });

  test('is one group for all that outlive their window, however many minutes they come from', () => {
    let ids: Ids = [];
    for (let nth = 0; nth < IDS.least; nth++) ids = remember(ids, arriving(1, minute(29_000_000 + 10 * nth), nth)).ids;
    expect(kept(ids)).toEqual(from(0, IDS.least));
    expect(ids).toHaveLength(2);
    expect(encodeIds(ids)).toHaveLength(4 + 1 + 1 + 1 + IDS.least * 8);
  });

  test('reads back as what was written, also as part of a larger buffer', () => {
    fc.assert(
      fc.property(anyIds, (ids) => {
        const bytes = encodeIds(ids);
        expect(decodeIds(bytes)).toEqual(ids);
        const inside = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]).subarray(
          3,
          3 + bytes.length,
        );
        expect(decodeIds(inside)).toEqual(ids);
      }),
    );
  });

  test('cut short anywhere between groups is refused', () => {
    const bytes = encodeIds(remember([], [...arriving(2, minute(1)), ...arriving(2, minute(2), 2)]).ids);
    const whole = new Set([0, 2 + 2 * 8, bytes.length]);
    for (let length = 0; length <= bytes.length; length++) {
      const read = () => decodeIds(bytes.subarray(0, length));
      if (whole.has(length)) expect(read).not.toThrow();
      else expect(read).toThrow(RangeError);
    }
  });

  test.each<[string, readonly number[]]>([
    ['fewer ids than it says', [2, 2, ...Array.from({ length: 8 }, () => 1)]],
    ['a minute before the epoch', [1, 1, ...Array.from({ length: 8 }, () => 1)]],
  ])('with %s is refused', (_, bytes) => {
    expect(() => decodeIds(Uint8Array.from(bytes))).toThrow('A group of ids is damaged or cut short');
  });

  test('may begin at the epoch itself', () => {
    expect(decodeIds(Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0, 0, 7))).toEqual([{ minute: 0, hashes: [7n] }]);
  });

  test('of any bytes is either read or refused, never more than is there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let ids: Ids;
        try {
          ids = decodeIds(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(encodeIds(ids)).toEqual(bytes);
      }),
    );
  });
});
