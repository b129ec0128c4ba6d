import fc from 'fast-check';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { asking, eventOf, logged, profileItem } from './asking.ts';
import { memoryRows } from './memory-rows.ts';

const SECRET = 'ada@example.org';

describe('GET /profiles/{id}', () => {
  test('answers the row without what belongs to the protocol or to indexes', async () => {
    const ask = asking(memoryRows([profileItem('ada', { note: SECRET })]));
    const { status, headers, body } = await ask('/profiles/ada');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'private, no-cache' });
    expect(body).toEqual({
      id: 'ada',
      version: 7,
      profile: {
        status: 'active',
        cart: [{ productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' }],
        cartValue: { EUR: 1780 },
        totalSpend: { EUR: 6_000 },
        orders: { EUR: 1 },
        recentProducts: ['mug'],
        firstSeen: '2026-01-01T00:00:00.000Z',
        lastSeen: '2026-01-02T00:00:00.000Z',
        segment: 'medium',
        segmentSince: '2026-01-02T00:00:00.000Z',
      },
    });
  });

  test('answers that a person was erased, and nothing else', async () => {
    const { id, _v, _e, _s } = profileItem('ada');
    const erased = { id, _v, _e, _s, status: 'erased', erasedAt: '2026-01-03T00:00:00.000Z' };
    const { body } = await asking(memoryRows([erased]))('/profiles/ada');
    expect(body.profile).toEqual({ status: 'erased', erasedAt: '2026-01-03T00:00:00.000Z' });
  });

  test('finds a key of any characters', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), async (id) => {
        // Blank ids are refused, and URLs cannot carry a segment of dots or half a surrogate pair.
        fc.pre(id.trim() !== '' && !/^\.{1,2}$/.test(id) && id.isWellFormed() && id.length <= 256);
        const rows = memoryRows([profileItem(id)]);
        const { status, body } = await asking(rows)(`/profiles/${encodeURIComponent(id)}`);
        expect([status, body.id]).toEqual([200, id]);
      }),
    ));

  test.each([
    ['/profiles/ada', false],
    ['/profiles/ada?consistent=false', false],
    ['/profiles/ada?consistent=true', true],
  ])('%s reads consistently: %s', async (path, consistent) => {
    const rows = memoryRows([profileItem('ada')]);
    await asking(rows)(path);
    expect(rows.reads).toEqual([{ key: 'ada', consistent }]);
  });
});

describe('ETag', () => {
  test('lets a caller skip what it has, until the row changes', async () => {
    const rows = memoryRows([profileItem('ada')]);
    const ask = asking(rows);
    const { etag } = (await ask('/profiles/ada')).headers;
    const again = await ask('/profiles/ada', { headers: { 'If-None-Match': String(etag) } });
    expect(again).toEqual({ status: 304, headers: { etag, 'cache-control': 'private, no-cache' }, body: null });
    for (const change of [{ _v: 8 }, { _e: 'epoch-2' }]) {
      rows.items.set('ada', profileItem('ada', change));
      const changed = await ask('/profiles/ada', { headers: { 'If-None-Match': String(etag) } });
      expect(changed.status).toBe(200);
      expect(changed.headers.etag).not.toBe(etag);
    }
  });
});

describe('GET /profiles', () => {
  const rows = memoryRows(
    Array.from({ length: 25 }, (_, n) =>
      profileItem(`user-${n}`, { segmentSince: `2026-01-02T00:00:${String(n).padStart(2, '0')}.000Z` }),
    ),
  );
  const ask = asking(rows);

  test('lists a segment, newest first, with a cursor that goes on', async () => {
    const first = await ask('/profiles?segment=medium');
    expect(first.body.items).toHaveLength(20);
    expect(first.body.items[0]).toEqual({
      id: 'user-24',
      segment: 'medium',
      segmentSince: '2026-01-02T00:00:24.000Z',
    });
    const second = await ask(`/profiles?segment=medium&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map(({ id }: { id: string }) => id)).toEqual([4, 3, 2, 1, 0].map((n) => `user-${n}`));
    expect(second.body).not.toHaveProperty('nextCursor');
  });

  test('a cursor may be used with another page length, and not with another segment', async () => {
    const { nextCursor } = (await ask('/profiles?segment=medium&limit=2')).body;
    expect((await ask(`/profiles?segment=medium&limit=3&cursor=${nextCursor}`)).body.items[0].id).toBe('user-22');
    const other = await ask(`/profiles?segment=low&cursor=${nextCursor}`);
    expect([other.status, other.body.errors[0].parameter]).toEqual([400, 'cursor']);
  });

  test('an empty segment is a list', async () => {
    expect((await ask('/profiles?segment=high')).body).toEqual({ items: [] });
  });
});

describe('what is wrong with a request is said by parameter, without quoting it', () => {
  const ask = asking(memoryRows([profileItem('ada')]));
  const range = 'must be a whole number from 1 to 100';

  test.each<[string, object[]]>([
    ['/profiles', [{ parameter: 'segment', detail: 'must be one of low, medium, high' }]],
    ['/profiles?segment=none', [{ parameter: 'segment', detail: 'must be one of low, medium, high' }]],
    ['/profiles?segment=low&limit=0', [{ parameter: 'limit', detail: range }]],
    ['/profiles?segment=low&limit=101', [{ parameter: 'limit', detail: range }]],
    ['/profiles?segment=low&limit=1e1', [{ parameter: 'limit', detail: range }]],
    ['/profiles?segment=low&limit=', [{ parameter: 'limit', detail: range }]],
    ['/profiles?segment=low&segment=low', [{ parameter: 'segment', detail: 'must be given once' }]],
    ['/profiles/ada?consistent=yes', [{ parameter: 'consistent', detail: 'must be true or false' }]],
    [`/profiles/ada?${SECRET}=1`, [{ parameter: '(unknown)', detail: '1 unknown; known are: consistent' }]],
    [
      `/profiles?segment=low&${SECRET}=1&${SECRET}=2`,
      [
        { parameter: '(unknown)', detail: 'must be given once' },
        { parameter: '(unknown)', detail: '1 unknown; known are: segment, limit, cursor' },
      ],
    ],
    [`/profiles/${'x'.repeat(257)}`, [{ parameter: 'id', detail: expect.stringContaining('256') }]],
  ])('%s', async (path, errors) => {
    const { status, headers, body } = await ask(path);
    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:millrace:problem:invalid-request', status: 400, errors });
    expect(JSON.stringify(body)).not.toContain(SECRET);
  });
});

describe('requests that no route is for', () => {
  const ask = asking(memoryRows([profileItem('ada')]));

  test.each([
    ['GET', '/profiles/grace', 404, 'no-such-row'],
    ['GET', '/', 404, 'no-such-resource'],
    ['GET', '/profiles/', 404, 'no-such-resource'],
    ['GET', '/profiles/ada/', 404, 'no-such-resource'],
    ['GET', '/profiles/ada/cart', 404, 'no-such-resource'],
    ['GET', '//profiles', 404, 'no-such-resource'],
    ['GET', '/Profiles', 404, 'no-such-resource'],
    ['GET', '/profiles/..', 404, 'no-such-resource'],
    ['GET', '/profiles/%20', 400, 'invalid-request'],
    ['GET', '/profiles/%zz', 404, 'no-such-row'],
    ['POST', '/profiles/ada', 405, 'method-not-allowed'],
    ['DELETE', '/profiles/ada', 405, 'method-not-allowed'],
    ['HEAD', '/health', 405, 'method-not-allowed'],
    ['PROPFIND', '/profiles', 405, 'method-not-allowed'],
    ['PUT', '/nowhere', 404, 'no-such-resource'],
  ])('%s %s: %d', async (method, path, status, code) => {
    const answer = await ask(path, { method });
    expect([answer.status, answer.body.type]).toEqual([status, `urn:millrace:problem:${code}`]);
    expect(answer.body).toMatchObject({ status, instance: 'urn:millrace:request:request-1' });
    expect(answer.headers.allow).toBe(status === 405 ? 'GET' : undefined);
  });

  test('a body, odd headers and a strange host do no harm', async () => {
    const event = eventOf('/profiles/ada', { body: '{}', headers: { host: 'a b', 'if-none-match': '\u0000é' } });
    expect((await ask(event)).status).toBe(200);
  });
});

describe('what the API cannot help', () => {
  const failing = (error: Error) => ({
    ...memoryRows(),
    get: () => Promise.reject(error),
    page: () => Promise.reject(error),
  });

  test('a table that throttles is a 503 that says when to ask again', async () => {
    const log = logged();
    const ask = asking(failing(new TransientError('rows.throttled', 'slow down')), log);
    for (const path of ['/profiles/ada', '/profiles?segment=low', '/health']) {
      const { status, headers, body } = await ask(path);
      expect([status, headers['retry-after'], body.type]).toEqual([503, '1', 'urn:millrace:problem:unavailable']);
    }
    expect(log.lines[0]).toContain('"code":"rows.throttled"');
    expect(log.lines.join()).not.toContain('ada');
  });

  test('a fault is a 500 that tells the caller nothing, and the log which request', async () => {
    const log = logged();
    const { status, body } = await asking(failing(new Error('no permission')), log)('/profiles/ada');
    expect([status, body.detail]).toEqual([500, 'Tell the operators the instance']);
    expect(JSON.parse(log.lines[0] ?? '')).toMatchObject({ requestId: 'request-1', cause: 'no permission' });
  });

  test('a row that is no profile is a 500 whose log says where, and not what', async () => {
    const log = logged();
    const rows = memoryRows([profileItem('ada', { totalSpend: { EUR: SECRET }, [SECRET]: 1 })]);
    expect((await asking(rows, log)('/profiles/ada')).status).toBe(500);
    expect(log.lines[0]).toContain('profile.totalSpend.EUR: invalid_type');
    expect(log.lines.join()).not.toContain(SECRET);
  });

  test('a row newer than the code is a 503, since a deployment is under way', async () => {
    const { status, body } = await asking(memoryRows([profileItem('ada', { _s: 3 })]))('/profiles/ada');
    expect([status, body.detail]).toEqual([503, expect.stringContaining('newer version')]);
  });
});

test('health asks the table', async () => {
  const rows = memoryRows();
  const { status, headers, body } = await asking(rows)('/health');
  expect([status, headers['cache-control'], body]).toEqual([200, 'no-store', { status: 'ok' }]);
  expect(rows.reads).toHaveLength(1);
});
