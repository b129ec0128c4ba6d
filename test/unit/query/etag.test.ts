import { etagOf, matches } from '../../../lambdas/query/etag.ts';

const etag = etagOf(7, 'aB_-9', 'x1');

test.each<[string, string | undefined, boolean]>([
  ['the tag itself', etag, true],
  ['the tag as a strong one, since comparison is weak', etag.slice(2), true],
  ['a list with the tag', `"other", ${etag} , W/"third"`, true],
  ['any tag', ' * ', true],
  ['a list without it', '"other", W/"third"', false],
  ['the tag of another version', etagOf(8, 'aB_-9', 'x1'), false],
  ['the tag of another epoch', etagOf(7, 'other', 'x1'), false],
  ['the tag of another form', etagOf(7, 'aB_-9', 'x2'), false],
  ['the tag without its quotes', etag.replaceAll('"', ''), false],
  ['nothing', undefined, false],
  ['an empty text', '', false],
  ['what is no list', '"""W/', false],
])('If-None-Match with %s', (_, header, expected) => expect(matches(header, etag)).toBe(expected));

test('a tag holds no quote, whatever the epoch', () => {
  expect(etagOf(1, 'a"b c', 'x')).toBe('W/"1.a%22b%20c.x"');
});
