import { Faults } from '../../../local/chaos/faults.ts';
import { killPoints } from '../../../local/chaos/moments.ts';
import { randomOf } from '../../../local/chaos/random.ts';
import { Dealer, type Rule, steadyRules } from '../../../local/chaos/rules.ts';
import type { FaultRequest, Late } from '../../../local/emulators/front.ts';

const targets = { stream: 'shop', updatesStream: 'updates', stateTable: 'rows', checkpointTable: 'checkpoints' };

const request = (service: FaultRequest['service'], operation: string, input: object = {}): FaultRequest => ({
  service,
  operation,
  input: () => structuredClone(input),
});

const commit = request('dynamodb', 'PutItem', { TableName: 'rows' });
const checkpoint = request('dynamodb', 'PutItem', { TableName: 'checkpoints' });
const read = request('dynamodb', 'BatchGetItem', { RequestItems: {} });
const produced = request('kinesis', 'PutRecords', { StreamName: 'shop' });
const published = request('kinesis', 'PutRecords', { StreamName: 'updates' });
const polled = request('kinesis', 'GetRecords');
const letter = request('sqs', 'SendMessageBatch');

const quiet = (): Faults => new Faults([], randomOf(1));

describe('an endpoint that is cut off', () => {
  test('loses every request, and serves again once it is back', () => {
    const faults = quiet();
    faults.cutOff('dynamodb');
    expect([faults.hook(commit), faults.hook(read)]).toEqual(['drop', 'drop']);
    faults.restore('dynamodb');
    expect(faults.hook(commit)).toBe('pass');
    expect(faults.refusedBy('dynamodb')).toBe(2);
  });

  test('leaves the others alone', () => {
    const faults = quiet();
    faults.cutOff('sqs');
    expect([faults.hook(letter), faults.hook(commit), faults.hook(published)]).toEqual(['drop', 'pass', 'pass']);
    expect(faults.refusedBy('dynamodb')).toBe(0);
  });
});

describe('a moment to die at', () => {
  test.each([
    ['while it reads rows', read, 'drop'],
    ['with a commit on its way', commit, 'pass'],
    ['between commit and effects', published, 'drop'],
    ['before its commit arrives', commit, 'drop'],
    ['after its effects', published, 'pass'],
    ['before its checkpoint', checkpoint, 'drop'],
    ['while it rejects', letter, 'pass'],
  ] as const)('%s, comes once, with its own request and no other', (name, own, becomes) => {
    const faults = quiet();
    let strikes = 0;
    const moment = killPoints(targets).find((point) => point.name === name);
    if (moment === undefined) throw new Error(`There is no moment ${name}`);
    faults.arm(moment, () => {
      strikes += 1;
    });
    for (const other of [commit, checkpoint, read, produced, published, polled, letter]) {
      if (other !== own) expect(faults.hook(other)).toBe('pass');
    }
    expect(strikes).toBe(0);
    expect(faults.hook(own)).toBe(becomes);
    expect(faults.hook(own)).toBe('pass');
    expect(strikes).toBe(1);
  });

  test('and commit late: after a later commit of the same row', async () => {
    const faults = quiet();
    const rowOf = (id: string) => request('dynamodb', 'PutItem', { TableName: 'rows', Item: { id: { S: id } } });
    const late = killPoints(targets).find((point) => point.request === 'late');
    faults.arm(late as NonNullable<typeof late>, () => undefined);
    const { after } = faults.hook(rowOf('a')) as Late;
    let arrived = false;
    const arrival = after.then(() => {
      arrived = true;
    });
    expect(faults.hook(rowOf('b'))).toBe('pass');
    await new Promise((resolve) => setImmediate(resolve));
    expect(arrived).toBe(false);
    expect(faults.hook(rowOf('a'))).toBe('pass');
    await arrival;
    expect(faults.late).toBe(1);
  });

  test('and commit late: at the end of the run at the latest', async () => {
    const faults = quiet();
    faults.arm({ name: 'late', request: 'late', applies: () => true }, () => undefined);
    const { after } = faults.hook(commit) as Late;
    faults.end();
    await after;
  });

  test('two of them that the same request belongs to strike one after another', () => {
    const faults = quiet();
    const struck: string[] = [];
    const commits = killPoints(targets).filter((point) => point.applies(commit) && point.request !== 'late');
    for (const moment of commits) faults.arm(moment, () => struck.push(moment.name));
    faults.hook(commit);
    expect(struck).toHaveLength(1);
    faults.hook(commit);
    expect(struck).toEqual(commits.map(({ name }) => name));
  });
});

describe('steady faults', () => {
  test('meet each kind of request as often as they should, and are counted', () => {
    const faults = new Faults(steadyRules(targets), randomOf(3));
    const met = new Map<string, number>();
    for (let n = 0; n < 1_000; n++) {
      for (const one of [commit, read, produced, published, polled, letter]) {
        const fault = faults.hook(one);
        const key = `${one.operation} ${fault}`;
        met.set(key, (met.get(key) ?? 0) + 1);
      }
    }
    expect(met.get('PutItem lose-answer')).toBe(faults.dealt('answers of commits lost'));
    expect(met.get('SendMessageBatch throttle')).toBe(faults.dealt('dead letters throttled'));
    for (const { name, every } of steadyRules(targets)) {
      expect({ name, dealt: faults.dealt(name) > 1_000 / every / 2 }).toEqual({ name, dealt: true });
    }
    expect(met.get('PutItem pass')).toBeGreaterThan(700);
  });

  test('are never twice their average apart', () => {
    const rule: Rule = { name: 'store throttled', fault: 'throttle', every: 10, applies: () => true };
    const dealer = new Dealer(rule, randomOf(9));
    let since = 0;
    for (let n = 0; n < 5_000; n++) {
      since += 1;
      if (!dealer.strikes()) continue;
      expect(since).toBeLessThan(20);
      since = 0;
    }
  });

  test('end, as everything else does, when the run is over', () => {
    const faults = new Faults(steadyRules(targets), randomOf(3));
    faults.cutOff('sqs');
    faults.arm({ name: 'any', request: 'lost', applies: () => true }, () => {
      throw new Error('It must not strike any more');
    });
    faults.end();
    const verdicts = Array.from({ length: 200 }, () => [commit, letter, published].map(faults.hook)).flat();
    expect(new Set(verdicts)).toEqual(new Set(['pass']));
  });
});
