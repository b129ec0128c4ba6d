import { Writable } from 'node:stream';
import { amounts, money, table } from '../../../local/cli/format.ts';
import { Output, printable } from '../../../local/cli/output.ts';
import { captured } from './captured.ts';

describe('an output', () => {
  test('keeps results and the rest apart', () => {
    const { output, stdout, stderr } = captured();
    output.log('working');
    output.result('{}');
    expect([stdout(), stderr()]).toEqual(['{}\n', 'working\n']);
  });

  test('rewrites its status in place on a terminal, below all other lines and no wider than it', () => {
    const { output, stderr } = captured({ isTTY: true, columns: 10 });
    output.status('1 of 2 events');
    output.log('a line');
    output.status('');
    const clear = '\r\u001b[2K';
    expect(stderr()).toBe(`1 of 2 ev${clear}a line\n1 of 2 ev${clear}`);
  });

  test('takes a terminal that does not know its width for an ordinary one', () => {
    const { output, stderr } = captured({ isTTY: true, columns: 0 });
    output.status('x'.repeat(100));
    expect(stderr()).toBe('x'.repeat(79));
  });

  test('has no status elsewhere', () => {
    const { output, stderr } = captured();
    output.status('1 of 2 events');
    expect(stderr()).toBe('');
  });

  test('goes on when its reader is gone', async () => {
    const gone = () =>
      new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })) });
    const streams = { stdout: gone(), stderr: gone() };
    const output = new Output(streams);
    output.result('x');
    output.log('x');
    await new Promise(setImmediate);
    output.result('y');
    expect(streams.stdout.errored).toMatchObject({ code: 'EPIPE' });
  });
});

test.each([
  ['\u001b[2Jx', '\\u{1b}[2Jx'],
  ['a\nb\u0007', 'a\\u{a}b\\u{7}'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['Zoë 7 €', 'Zoë 7 €'],
])('%j is printable as %s', (text, shown) => expect(printable(text)).toBe(shown));

describe('money', () => {
  test.each<[number, string, string]>([
    [20_540, 'USD', 'USD 205.40'],
    [5, 'USD', 'USD 0.05'],
    [0, 'EUR', 'EUR 0.00'],
    [-262, 'USD', 'USD -2.62'],
    [262, 'JPY', 'JPY 262'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
    [Number.MAX_SAFE_INTEGER, 'USD', 'USD 90,071,992,547,409.91'],
  ])('%d of %s is %s', (minorUnits, currency, text) => expect(money(minorUnits, currency)).toBe(text));

  test('of several currencies is not added up', () => {
    expect(amounts({ USD: 100, EUR: 5 })).toBe('EUR 0.05 + USD 1.00');
    expect(amounts({})).toBe('-');
  });
});

test('a table is as wide as its widest cells', () => {
  expect(table(['id', 'n'], [['long id', '1'], ['x']])).toBe('id       n\nlong id  1\nx');
});
