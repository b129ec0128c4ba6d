import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { add, codeOf, odd, read, rejectionOf, said, view } from './reading.ts';

const MIB = 1024 * 1024;
const text = (json: string): Buffer => Buffer.from(json);
/** JSON of a valid event with a member more, written as it stands. */
const withMember = (member: string): Buffer => text(`${JSON.stringify(view()).slice(0, -1)},${member}}`);
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a record that is no JSON', () => {
  test.each<[string, Uint8Array, string]>([
    ['no bytes', text(''), 'record.empty'],
    ['text', text('Hello, this is a test.'), 'record.not-json'],
    ['a space', text(' '), 'record.not-json'],
    ['JSON cut short', text(JSON.stringify(view()).slice(0, -1)), 'record.not-json'],
    ['two documents', text(`${JSON.stringify(view())}\n${JSON.stringify(view())}`), 'record.not-json'],
    ['a comment', text('/* none */ {}'), 'record.not-json'],
    ['a number without end', text('{"a": 1e}'), 'record.not-json'],
    ['a control character in a string', text('"\u0001"'), 'record.not-json'],
    ['a lone continuation byte', Uint8Array.of(0x22, 0x80, 0x22), 'record.invalid-utf8'],
    ['half a character', Uint8Array.of(0x22, 0xe2, 0x82, 0x22), 'record.invalid-utf8'],
    ['a character written longer than needed', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), 'record.invalid-utf8'],
    ['half a surrogate pair, in bytes', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'record.invalid-utf8'],
    ['Latin-1', Buffer.from('"Müller"', 'latin1'), 'record.invalid-utf8'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'record.not-json'],
    ['half a surrogate pair, escaped', withMember('"x":"\\ud83d"'), 'record.invalid-utf8'],
    ['the other half', withMember('"x":"\\uDE00 "'), 'record.invalid-utf8'],
    ['half a surrogate pair in a list', withMember('"x":[["\\ud83d"]]'), 'record.invalid-utf8'],
    ['half a surrogate pair in a name', withMember('"\\ud83d":1'), 'record.invalid-utf8'],
    ['half a surrogate pair as the whole document', text('"\\ud83d"'), 'record.invalid-utf8'],
  ])('%s is rejected', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test('a whole surrogate pair, escaped, is text like any other', () => {
    expect(said(read(withMember('"x":"\\ud83d\\ude00 \\\\ud83d"')))).toHaveLength(1);
    expect(read(withMember('"x":"\\ud83d\\ude00"'))[0]?.kind).toBe('event');
  });

  test('a byte order mark is no harm', () => {
    expect(read(text(`\ufeff${JSON.stringify(view())}`))[0]?.kind).toBe('event');
  });

  test('does not disturb the records after it', () => {
    for (const bytes of [Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xed, 0xa0)]) {
      rejectionOf(bytes);
      expect(read(view())[0]?.kind).toBe('event');
    }
  });
});

describe('JSON that pure code must not meet', () => {
  const { depth } = DECODE_LIMITS;

  test('may be nested as deep as the bound, and no deeper', () => {
    // The event is one level itself.
    expect(read(withMember(`"x":${nested(depth - 1)}`))[0]?.kind).toBe('event');
    expect(read(withMember(`"x":${nested(depth - 1).replace('[]', '[1]')}`))[0]?.kind).toBe('event');
    expect(codeOf(withMember(`"x":${nested(depth)}`))).toBe('record.too-deep');
  });

  test.each<[string, Uint8Array]>([
    ['a record of nothing but brackets', text(nested(MIB / 4))],
    ['a record of nothing but braces', text(`${'{"a":'.repeat(MIB / 8)}1${'}'.repeat(MIB / 8)}`)],
    ['brackets in an event', withMember(`"data":${nested(100_000)}`)],
  ])('%s is too deep', (_, bytes) => {
    expect(codeOf(bytes)).toBe('record.too-deep');
  });

  test.each<[string, Uint8Array]>([
    ['in the envelope', withMember('"__proto__":{}')],
    ['in the data', withMember('"data":{"productId":"tea","__proto__":{"admin":true}}')],
    ['in a list', withMember('"x":[{"__proto__":1}]')],
    ['escaped', withMember('"\\u005f_proto__":{}')],
    ['as the whole document', text('{"__proto__":null}')],
  ])('a member called __proto__ %s is refused', (_, bytes) => {
    expect(codeOf(bytes)).toBe('record.forbidden-key');
  });

  test('what only looks like one is not', () => {
    expect(read(withMember('"proto":1,"constructor":{"prototype":1},"x":"__proto__"'))[0]?.kind).toBe('event');
    expect(Object.prototype).not.toHaveProperty('admin');
  });
});

describe('an envelope', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['a number', 7],
    ['a string', 'event'],
    ['true', true],
    ['an empty object', {}],
    ['no version of CloudEvents', odd({ specversion: undefined })],
    ['an older version of CloudEvents', odd({ specversion: '0.3' })],
    ['no id', odd({ id: undefined })],
    ['an empty source', odd({ source: '' })],
    ['no type', odd({ type: undefined })],
    ['no time', odd({ time: undefined })],
    ['a time that is none', odd({ time: 'yesterday' })],
    ['no subject', odd({ subject: undefined })],
    ['an empty subject', odd({ subject: '' })],
    ['no dataschema', odd({ dataschema: undefined })],
    ['without data', odd({ data: undefined })],
    ['with data in base64 instead', odd({ data: undefined, data_base64: 'e30=' })],
    ['an id of a megabyte', odd({ id: 'x'.repeat(MIB) })],
    ['a type of a megabyte', odd({ type: 'x'.repeat(MIB) })],
    ['an empty batch', []],
  ])('that is %s is rejected', (_, value) => {
    expect(codeOf(value)).toBe('event.invalid-envelope');
  });

  test('says in its rejection what is wrong with it, without what it holds', () => {
    const { details } = rejectionOf(odd({ id: undefined, time: 'SECRET', subject: 5 })).cause;
    expect(details).toEqual({
      issues: [expect.stringMatching(/^id: /), expect.stringMatching(/^time: /), expect.stringMatching(/^subject: /)],
    });
    expect(JSON.stringify(details)).not.toContain('SECRET');
  });
});

describe('a type and its version', () => {
  test.each<[string, object, string]>([
    ['a type in no catalogue', { type: 'page.viewd' }, 'event.unknown-type'],
    ['a type that every object has', { type: 'constructor' }, 'event.unknown-type'],
    ['a version that does not exist yet', { dataschema: 'urn:millrace:page.viewed:2' }, 'event.unknown-version'],
    ['version 0', { dataschema: 'urn:millrace:page.viewed:0' }, 'event.unknown-version'],
    ['the schema of another type', { dataschema: 'urn:millrace:cart.item-added:1' }, 'event.unknown-version'],
    ['a schema of someone else', { dataschema: 'https://example.com/schema' }, 'event.unknown-version'],
  ])('%s is rejected', (_, part, code) => {
    expect(codeOf(odd(part))).toBe(code);
  });

  test('the rejection says which it was and which there are, cut to a length', () => {
    expect(rejectionOf(odd({ type: 'page.viewd' })).cause.message).toContain('"page.viewd"');
    expect(rejectionOf(odd({ type: 'x'.repeat(256) })).cause.message.length).toBeLessThan(200);
    expect(rejectionOf({ ...add(), dataschema: 'urn:millrace:cart.item-added:3' }).cause.message).toContain(
      'known are urn:millrace:cart.item-added:1 to 2',
    );
  });

  test('a type that the processor does not fold is ignored, whatever else is wrong with it', () => {
    expect(said(read(odd({ type: 'profile.updated', dataschema: 'x', data: 7 }), { partitionKey: 'other' }))).toEqual([
      'ignored',
    ]);
  });
});

describe('data', () => {
  test.each<[string, object]>([
    ['null', { data: null }],
    ['a list', { data: [] }],
    ['text', { data: 'productId=tea' }],
    ['empty where something is needed', { ...add(), data: {} }],
    ['with a member of another kind', { data: { productId: 7 } }],
    ['with a member of a megabyte', { data: { path: 'x'.repeat(MIB) } }],
    ['beyond what a number may be', { ...add(), data: { ...add().data, quantity: 10_001 } }],
  ])('%s are rejected', (_, part) => {
    expect(codeOf(odd(part))).toBe('event.invalid-data');
  });

  test.each(['9007199254740992', '-9007199254740992', '1e999', '-1e999', '1e-131', '1e300'])(
    'with the number %s, which is rounded or refused on its way, are rejected even where no schema looks',
    (number) => {
      expect(codeOf(withMember(`"x":{"deep":[${number}]}`))).toBe('record.inexact-number');
    },
  );

  test.each(['9007199254740991', '-9007199254740991', '1e-130', '0', '-0', '0.1'])(
    'may hold the number %s',
    (number) => {
      expect(read(withMember(`"x":{"deep":[${number}]}`))[0]?.kind).toBe('event');
    },
  );

  test('may be empty where nothing is needed', () => {
    expect(read(odd({ data: {} }))[0]?.kind).toBe('event');
  });

  test('are judged by the schema of their own version', () => {
    const older = { ...add(), dataschema: 'urn:millrace:cart.item-added:1' };
    expect(codeOf(older)).toBe('event.invalid-data');
    const data = { productId: 'tea', quantity: 1, price: '5.00', currency: 'USD' };
    expect(read({ ...older, data })[0]).toMatchObject({ kind: 'event', incoming: { version: 1, event: { data } } });
  });

  test('reach the reducer without members that their schema does not know', () => {
    const [item] = read({ ...add(), data: { ...add().data, colour: 'green' } });
    expect(item).toMatchObject({ kind: 'event', incoming: { event: { data: add().data } } });
    expect(item?.kind === 'event' && item.incoming.event.data).not.toHaveProperty('colour');
  });

  test('say in their rejection where they break which schema, five times at most', () => {
    const { cause } = rejectionOf({
      ...add(),
      data: { productId: '', quantity: 0.5, unitPrice: 'SECRET', currency: 'SECRET' },
    });
    expect(cause.message).toContain('urn:millrace:cart.item-added:2');
    const { issues } = cause.details as { issues: readonly string[] };
    expect(issues.map((issue) => issue.split(':')[0])).toEqual(['productId', 'quantity', 'unitPrice', 'currency']);
    expect(JSON.stringify(cause)).not.toContain('SECRET');
  });
});
