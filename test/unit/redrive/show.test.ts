import type { Opened } from '../../../local/cli/redrive/carry-out.ts';
import { commandLine, type RedriveOptions } from '../../../local/cli/redrive/options.ts';
import {
  describeExport,
  describeListing,
  describeSettled,
  describeSummary,
  type Listing,
} from '../../../local/cli/redrive/show.ts';
import { emptySummary, type Summary } from '../../../local/cli/redrive/summary.ts';

const COMMAND = 'npx millrace redrive profiles --stage prod';
const OPTIONS: RedriveOptions = {
  stage: 'prod',
  send: false,
  dryRun: false,
  force: false,
  strict: false,
  reason: [],
  limit: 100_000,
  rate: 100,
  json: false,
};

describe('the command to go on with', () => {
  test('is the one that was given, to be typed as it is printed', () => {
    expect(commandLine('profiles', OPTIONS)).toBe(COMMAND);
    expect(commandLine('profiles', { ...OPTIONS, stage: 'local' })).toBe('npx millrace redrive profiles');
    const narrow = { ...OPTIONS, reason: ['event.misrouted'], queue: 'the-queue', edit: 'e.ndjson', force: true };
    expect(commandLine('profiles', narrow)).toBe(
      `${COMMAND} --reason event.misrouted --queue the-queue --edit e.ndjson --force`,
    );
  });
});

describe('a listing', () => {
  const group = { queue: 'dead-letters', reason: 'event.misrouted', messages: 2, records: 0, oldest: 'o', newest: 'n' };
  const listing = (changes: Partial<Listing> = {}): string =>
    describeListing(
      { system: 'profiles', stage: 'prod', groups: [group], hidden: 0, complete: true, failures: [], ...changes },
      [],
      COMMAND,
    );

  test('says what to do next', () => {
    expect(listing()).toContain(`${COMMAND} --dry-run`);
  });
  test('that ended early says that it is not all, and never that nothing waits', () => {
    expect(listing({ complete: false })).toContain('This is not all');
    expect(listing({ groups: [], complete: false, failures: ['no queue'] })).toMatch(/^No messages seen .*no queue/s);
  });
  test('of one reason says nothing of others', () => {
    const none = { system: 'profiles', stage: 'prod', groups: [], hidden: 3, complete: true, failures: [] };
    const text = describeListing(none, ['event.misrouted'], COMMAND);
    expect(text).toMatch(/^No messages with reason event\.misrouted wait/);
    expect(text).toContain('Held by somebody else at the moment: 3 messages more');
  });
  test('tells apart what is not of the system', () => {
    const what = 'a dead letter of \u001b[2Jcarts';
    const text = listing({ groups: [{ ...group, reason: 'not-of-this-system', what }] });
    expect(text).toMatch(/not-of-this-system: a dead letter of .*carts/);
    expect(text).not.toContain('\u001b');
  });
});

describe('a summary', () => {
  const summary = (changes: Partial<Summary>): string =>
    describeSummary({ ...emptySummary('profiles', 'prod', false), complete: true, ...changes }, COMMAND);

  test('of a dry run ends with the command that carries it out, if anything would be done', () => {
    const { events } = emptySummary('profiles', 'prod', true);
    expect(summary({ dryRun: true, events: { ...events, sent: 3 } })).toMatch(
      /Would be sent +3 .*--stage prod --send$/s,
    );
    expect(summary({ dryRun: true })).not.toContain('--send');
  });
  test('of a run that ended early says how to go on', () => {
    expect(summary({ complete: false })).toContain('run it again');
    expect(summary({})).not.toContain('run it again');
  });
  test('names what was left, what failed, and letters that no queue shows', () => {
    const text = summary({
      left: { unproven: 2 },
      failures: ['connect ECONNREFUSED'],
      editsNotFound: ['l-9'],
      foreign: { 'a dead letter of carts': 1 },
      messages: { read: 2, removed: 0, left: 2, foreign: 1, hidden: 7 },
    });
    expect(text).toMatch(/Left: unproven +2 +the row's ids do not reach back/);
    expect(text).toContain('Failed: connect ECONNREFUSED');
    expect(text).toContain('No queue shows letter l-9');
    expect(text).toContain('Held by somebody else at the moment: 7 messages more');
    expect(text).toMatch(/Left alone, since not of this system: 1 message\n +1 +a dead letter of carts/);
  });
});

test('an export says how many letters it wrote, how many it left out, and what comes next', () => {
  const file = { path: 'l.ndjson', add: () => undefined, [Symbol.dispose]: () => undefined };
  const text = describeExport({ ...file, count: { written: 2, withoutEvent: 1 } }, COMMAND);
  expect(text).toMatch(/^2 letters written to l\.ndjson\.\nLeft out, .*: 1 letter\./);
  expect(text).toContain(`${COMMAND} --edit l.ndjson --dry-run`);
  expect(describeExport({ ...file, count: { written: 0, withoutEvent: 0 } }, COMMAND)).toBe('No letters to write.');
});

test('a line of an event cannot move the cursor, whatever a producer or a queue said', () => {
  const opened = { message: {}, reason: 'made\u001b[2Jup', items: [] } as unknown as Opened;
  const item = {
    kind: 'obstacle',
    eventId: 'id\u202e',
    obstacle: { code: 'malformed', message: 'ha\u001b[1A' },
  } as const;
  const line = describeSettled({ opened, item, fate: item });
  expect(line).toContain('malformed');
  for (const moving of ['\u001b', '\u202e']) expect(line).not.toContain(moving);
});
