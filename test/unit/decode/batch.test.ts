import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { codeOf, odd, read, said, view } from './reading.ts';

const json = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());

describe('a CloudEvents batch', () => {
  test('gives its events in order, each at its own index', () => {
    const items = read([view({ id: 'a' }), view({ id: 'b' })]);
    expect(items).toMatchObject([
      { kind: 'event', incoming: { event: { id: 'a' }, position: { index: 0 } } },
      { kind: 'event', incoming: { event: { id: 'b' }, position: { index: 1 } } },
    ]);
  });

  test('loses a bad event alone: its neighbours are read, and it is kept by itself', () => {
    const bad = odd({ id: 'b', dataschema: 'urn:millrace:page.viewed:9' });
    const items = read([view({ id: 'a' }), bad, view({ id: 'c' })]);
    expect(said(items)).toEqual(['a', 'event.unknown-version', 'c']);
    const [, rejected] = items;
    expect(rejected).toMatchObject({ kind: 'rejected', position: { index: 1 } });
    expect(rejected?.kind === 'rejected' && json(rejected.payload())).toEqual(bad);
  });

  test.each<[string, readonly unknown[]]>([
    ['numbers', [1, 2]],
    ['null', [null]],
    ['text', ['event']],
    ['batches', [[view()]]],
    ['empty batches', [[], []]],
  ])('of %s is rejected event by event', (_, batch) => {
    expect(said(read(batch))).toEqual(batch.map(() => 'event.invalid-envelope'));
  });

  test('of nothing is rejected, since nothing is dropped silently', () => {
    expect(codeOf([])).toBe('event.invalid-envelope');
  });

  test('is rejected as a whole for what no parser should meet', () => {
    expect(codeOf(Buffer.from(`[${JSON.stringify(view())},{"__proto__":1}]`))).toBe('record.forbidden-key');
  });

  test('may hold as many events as the bound, and no more', () => {
    const { eventsPerRecord } = DECODE_LIMITS;
    expect(read(Array.from({ length: eventsPerRecord }, () => 0))).toHaveLength(eventsPerRecord);
    expect(codeOf(Array.from({ length: eventsPerRecord + 1 }, () => 0))).toBe('record.too-many-events');
  });
});
