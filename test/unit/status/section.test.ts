import { CliError } from '../../../local/cli/errors.ts';
import { section, sectionOfEach, whyNot } from '../../../local/cli/status/section.ts';

test('what is read is there, and a failure is a reason', async () => {
  expect(await section(async () => [1])).toEqual({ items: [1] });
  expect(await section(() => Promise.reject(new Error('no')))).toEqual({ error: 'no' });
});

test('of several things one that fails is named, and hides no other', async () => {
  const read = async (n: number): Promise<number> => {
    if (n > 1) throw new Error(`no ${n}`);
    return n;
  };
  const nameOf = (n: number): string => `thing ${n}`;
  expect(await sectionOfEach([1], nameOf, read)).toEqual({ items: [1] });
  expect(await sectionOfEach([1, 2, 3], nameOf, read)).toEqual({ items: [1], error: 'thing 2: no 2; thing 3: no 3' });
  expect(await sectionOfEach([2], nameOf, read)).toEqual({ error: 'thing 2: no 2' });
});

test.each<[string, unknown, string]>([
  ['of our own speaks for itself', new CliError('start it anew'), 'start it anew'],
  [
    'of a service comes with its name',
    Object.assign(new Error('not authorized to perform: sqs:GetQueueAttributes'), { name: 'AccessDenied' }),
    'AccessDenied: not authorized to perform: sqs:GetQueueAttributes',
  ],
  [
    'of several addresses names each reason once',
    new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]),
    'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
  ],
  ['without words is no answer', new Error(''), 'no answer'],
  ['without words gives those of its cause', new Error('', { cause: new Error('socket hang up') }), 'socket hang up'],
  ['that is no error is shown as text', 'what', 'what'],
])('an error %s', (_, error, text) => expect(whyNot(error)).toBe(text));
