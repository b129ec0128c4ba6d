import { matchRoute } from '../../../../local/http/matching.ts';
import { decodePercent } from '../../../../local/http/percent.ts';

const routes = [
  'GET /things',
  'GET /things/{id}',
  'ANY /things/{id}',
  'GET /things/all',
  'GET /files/{path+}',
  'GET /files/{name}/size',
  '$default',
].map((routeKey) => ({ routeKey }));

test.each<[string, string, string, object]>([
  ['GET', '/things', 'GET /things', {}],
  ['GET', '/things/7', 'GET /things/{id}', { id: '7' }],
  ['GET', '/things/all', 'GET /things/all', {}],
  ['DELETE', '/things/7', 'ANY /things/{id}', { id: '7' }],
  ['GET', '/things/a%2Fb%20c', 'GET /things/{id}', { id: 'a/b c' }],
  ['GET', '/things/%zz%', 'GET /things/{id}', { id: '%zz%' }],
  ['GET', '/things/', '$default', {}],
  ['GET', '/things/7/parts', '$default', {}],
  ['POST', '/things', '$default', {}],
  ['GET', '/files/a/b/c', 'GET /files/{path+}', { path: 'a/b/c' }],
  ['GET', '/files/a/size', 'GET /files/{name}/size', { name: 'a' }],
  ['GET', '/', '$default', {}],
])('%s %s goes to %s', (method, path, routeKey, pathParameters) => {
  expect(matchRoute(routes, method, path)).toMatchObject({ route: { routeKey }, pathParameters });
});

test('without a default route, what matches none has no route', () => {
  expect(matchRoute([{ routeKey: 'GET /things' }], 'GET', '/nothing')).toBeUndefined();
});

test.each([
  ['a%20b%2F%C3%A9', 'a b/é'],
  ['100%', '100%'],
  ['%zz%41', '%zzA'],
  ['%ff', '\ufffd'],
])('%s is %s without percent-encoding', (text, decoded) => expect(decodePercent(text)).toBe(decoded));
