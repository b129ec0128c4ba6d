import { decide, type Statement, statementsOf } from './support/policy.ts';
import { synthesize } from './support/synth.ts';

const allow = (changes: Partial<Statement> = {}): Statement => ({
  effect: 'Allow',
  actions: ['sqs:SendMessage'],
  resources: ['queue'],
  conditions: {},
  ...changes,
});

const SEND = { action: 'sqs:SendMessage', resource: 'queue' };

describe('the evaluation that the tests of roles rely on', () => {
  test('denies what nothing allows', () => expect(decide([], SEND)).toBe('denied'));

  test.each([
    ['the action and the resource', {}, 'allowed'],
    ['another action', { actions: ['sqs:ReceiveMessage'] }, 'denied'],
    ['another resource', { resources: ['queue2'] }, 'denied'],
    ['a family of actions, in any case', { actions: ['SQS:Send*'] }, 'allowed'],
    ['all resources', { resources: ['*'] }, 'allowed'],
    ['a pattern of one character', { resources: ['queu?'] }, 'allowed'],
    ['a pattern that ends too early', { resources: ['queu'] }, 'denied'],
    ['a dot, which is no pattern', { resources: ['q.eue'] }, 'denied'],
  ])('allows by %s or not: %j', (_, changes, decision) => expect(decide([allow(changes)], SEND)).toBe(decision));

  test('denies what one statement allows and another denies, in any order', () => {
    const statements = [allow(), allow({ effect: 'Deny', actions: ['*'] })];
    expect(decide(statements, SEND)).toBe('explicitly denied');
    expect(decide(statements.toReversed(), SEND)).toBe('explicitly denied');
  });

  const named = { 'ForAllValues:StringEquals': { 'x:Names': ['a', 'b'] } };

  test.each([
    [
      'all conditions must hold',
      { StringEquals: { 'x:A': ['1'], 'x:B': ['1'] } },
      { 'x:A': '1', 'x:B': '2' },
      'denied',
    ],
    ['one of the wanted values is enough', { StringEquals: { 'x:A': ['1', '2'] } }, { 'x:A': '2' }, 'allowed'],
    ['keys are the same in any case', { StringEquals: { 'X:a': ['1'] } }, { 'x:A': '1' }, 'allowed'],
    ['a missing key does not hold', { StringEquals: { 'x:A': ['1'] } }, {}, 'denied'],
    ['unless the operator says IfExists', { StringEqualsIfExists: { 'x:A': ['1'] } }, {}, 'allowed'],
    ['IfExists compares what is there', { StringEqualsIfExists: { 'x:A': ['1'] } }, { 'x:A': '2' }, 'denied'],
    ['ForAllValues: each value is wanted', named, { 'x:Names': ['a', 'b'] }, 'allowed'],
    ['ForAllValues: one value is not', named, { 'x:Names': ['a', 'c'] }, 'denied'],
    ['ForAllValues holds for no value at all', named, {}, 'allowed'],
    ['unless Null demands the key', { ...named, Null: { 'x:Names': ['false'] } }, {}, 'denied'],
    ['ForAnyValue does not', { 'ForAnyValue:StringEquals': { 'x:Names': ['a'] } }, {}, 'denied'],
    ['Bool', { Bool: { 'x:Flag': ['true'] } }, { 'x:Flag': 'True' }, 'allowed'],
    ['StringLike', { StringLike: { 'x:A': ['a*'] } }, { 'x:A': 'abc' }, 'allowed'],
  ])('%s', (_, conditions, context, decision) => {
    expect(decide([allow({ conditions })], { ...SEND, context })).toBe(decision);
  });

  test.each([
    ['an operator that it does not know', { DateLessThan: { 'aws:CurrentTime': ['2030'] } }],
    ['a set operator that it does not know', { 'ForSome:StringEquals': { 'x:A': ['1'] } }],
    ['a policy variable', { StringLike: { 'x:A': [`$\{aws:username}`] } }],
    ['several values where one is meant', { StringEquals: { 'x:Names': ['a'] } }],
  ])('throws for %s', (_, conditions) => {
    const context = { 'x:A': '1', 'x:Names': ['a', 'b'], 'aws:CurrentTime': '2026' };
    expect(() => decide([allow({ conditions })], { ...SEND, context })).toThrow();
  });

  test('throws for elements of a statement that it does not evaluate', () => {
    const templates = synthesize();
    const policy = templates.one('AWS::IAM::ManagedPolicy', 'ShopProducer/Resource');
    const Statement = [{ Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }];
    expect(() => statementsOf(templates, { ...policy, properties: { PolicyDocument: { Statement } } })).toThrow(
      'NotAction',
    );
  });
});
