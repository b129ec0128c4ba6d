import { CliError } from '../../../local/cli/errors.ts';
import { section, whyNot } from '../../../local/cli/status/section.ts';

test('what is read is there, and a failure is a reason', async () => {
  expect(await section(async () => [1])).toEqual({ items: [1] });
  expect(await section(() => Promise.reject(new Error('no')))).toEqual({ error: 'no' });
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
