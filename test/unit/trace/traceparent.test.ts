import { effectTraceparent, parseTraceparent, traceOf } from '../../../lambdas/runtime/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const cause = { id: 'e1', source: 'urn:test', time: '2026-01-01T00:00:00Z' };
const traced = { ...cause, traceparent: `00-${TRACE}-${SPAN}-00` };

test('an effect stays in the trace of its cause, under a span of its own, sampled or not as its cause was', () => {
  const sent = parseTraceparent(effectTraceparent(traced, 'effect-1'));
  expect(sent).toEqual({ traceId: TRACE, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), flags: '00' });
  expect(sent?.spanId).not.toBe(SPAN);
});

test('a retry repeats the span, and another effect has another one', () => {
  expect(effectTraceparent(traced, 'effect-1')).toBe(effectTraceparent(traced, 'effect-1'));
  expect(effectTraceparent(traced, 'effect-1')).not.toBe(effectTraceparent(traced, 'effect-2'));
});

test('effects of an event without a trace begin one, the same for all of them', () => {
  const [one, two] = ['effect-1', 'effect-2'].map((id) => parseTraceparent(effectTraceparent(cause, id)));
  expect(one?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(two?.traceId).toBe(one?.traceId);
  expect(one?.traceId).toBe(traceOf(cause).traceId);
});

test('events of one id at two sources are two traces', () => {
  expect(traceOf({ ...cause, source: 'urn:other' }).traceId).not.toBe(traceOf(cause).traceId);
});

test.each([
  ['no traceparent', undefined],
  ['too short', '00-aa-bb-01'],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['the forbidden version', `ff-${TRACE}-${SPAN}-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
])('%s is no trace, and a new one begins', (_, traceparent) => {
  expect(parseTraceparent(traceparent)).toBeUndefined();
  expect(traceOf({ ...cause, ...(traceparent === undefined ? {} : { traceparent }) })).toEqual(traceOf(cause));
});

test('a later version is read as far as it is known', () => {
  expect(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)).toEqual({ traceId: TRACE, spanId: SPAN, flags: '01' });
});
