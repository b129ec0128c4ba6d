// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes placeholders in plain text.

import { resolve, resolveCondition, type Scope } from '../../../../local/cloudformation/intrinsics.ts';
import { referencesOf } from '../../../../local/cloudformation/references.ts';

const scope: Scope = {
  ref: (name) => ({ Queue: 'queue-url', Count: 3, List: ['a', 'b'], 'AWS::Region': 'us-east-1' })[name],
  attribute: (id, attribute) => `${id}.${attribute}!`,
  condition: (name) => name === 'Yes',
  importValue: (name) => `imported ${name}`,
};
const at = 'S/R Properties';

describe('intrinsic functions', () => {
  test.each<[string, unknown, unknown]>([
    ['plain values stay', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
    ['Ref', { Ref: 'Queue' }, 'queue-url'],
    ['Ref keeps the type of a parameter', { Ref: 'Count' }, 3],
    ['Fn::GetAtt of a list', { 'Fn::GetAtt': ['Stream', 'Arn'] }, 'Stream.Arn!'],
    ['Fn::GetAtt of a text', { 'Fn::GetAtt': 'Stream.Arn' }, 'Stream.Arn!'],
    ['Fn::GetAtt of a nested attribute', { 'Fn::GetAtt': ['Db', 'Endpoint.Port'] }, 'Db.Endpoint.Port!'],
    [
      'Fn::Sub of references and attributes',
      { 'Fn::Sub': 'x-${AWS::Region}/${Stream.Arn}' },
      'x-us-east-1/Stream.Arn!',
    ],
    ['Fn::Sub of its own variables', { 'Fn::Sub': ['${A}-${Queue}', { A: { Ref: 'Count' } }] }, '3-queue-url'],
    ['Fn::Sub leaves escaped placeholders', { 'Fn::Sub': '${!Literal} ${Count}' }, '${Literal} 3'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Count' }, { 'Fn::GetAtt': ['B', 'c'] }]] }, 'a-3-B.c!'],
    ['Fn::Join of a list parameter', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    ['Fn::Split', { 'Fn::Split': ['-', { Ref: 'AWS::Region' }] }, ['us', 'east', '1']],
    ['Fn::Select', { 'Fn::Select': ['1', { 'Fn::Split': ['-', 'a-b-c'] }] }, 'b'],
    ['Fn::If of a true condition', { 'Fn::If': ['Yes', { Ref: 'Queue' }, 'no'] }, 'queue-url'],
    ['Fn::If of a false condition', { 'Fn::If': ['No', { Ref: 'Queue' }, 'no'] }, 'no'],
    ['Fn::ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'Stack:${Count}' } }, 'imported Stack:3'],
    ['AWS::NoValue removes a member', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['AWS::NoValue removes an element', ['x', { 'Fn::If': ['No', 'y', { Ref: 'AWS::NoValue' }] }], ['x']],
    ['a policy keeps its Condition member', { Condition: 'x' }, { Condition: 'x' }],
  ])('%s', (_, value, resolved) => {
    expect(resolve({ value }, scope, at)).toStrictEqual({ value: resolved });
  });

  test.each<[string, unknown, RegExp]>([
    [
      'an unknown one is refused by its name',
      { 'Fn::Cidr': ['10.0.0.0/16', 6, 8] },
      /Properties\.value: Fn::Cidr is not known/,
    ],
    ['one beside other members', { Ref: 'Queue', Other: 1 }, /Ref stands beside other members/],
    ['Fn::Select beyond the end', { 'Fn::Select': [3, ['a']] }, /Fn::Select has no element 3 among 1/],
    ['Fn::Join without a list', { 'Fn::Join': ['-', 'a'] }, /"a" stands where a list belongs/],
    ['Fn::If with two arguments', { 'Fn::If': ['Yes', 1] }, /a list of 3 belongs/],
    ['Fn::Sub of a list', { 'Fn::Sub': '${List}' }, /\["a","b"\] stands where a text belongs/],
  ])('%s', (_, value, message) => {
    expect(() => resolve({ value }, scope, at)).toThrow(message);
  });
});

describe('conditions', () => {
  const yes = { 'Fn::Equals': ['a', 'a'] };
  const no = { 'Fn::Equals': [{ Ref: 'Queue' }, 'other'] };

  test.each<[string, unknown, boolean]>([
    ['Fn::Equals of equal values', yes, true],
    ['Fn::Equals of resolved values', no, false],
    ['Fn::And needs both', { 'Fn::And': [yes, no] }, false],
    ['Fn::Or needs one', { 'Fn::Or': [no, yes] }, true],
    ['Fn::Not', { 'Fn::Not': [no] }, true],
    ['a named condition', { Condition: 'Yes' }, true],
  ])('%s', (_, condition, value) => {
    expect(resolveCondition(condition, scope, at)).toBe(value);
  });

  test('what is no condition is refused', () => {
    expect(() => resolveCondition({ 'Fn::Join': ['', []] }, scope, at)).toThrow(/is no condition/);
  });
});

describe('references', () => {
  test.each<[unknown, string[]]>([
    [{ a: [{ Ref: 'Queue' }] }, ['Queue']],
    [{ 'Fn::GetAtt': ['Stream', 'Arn'] }, ['Stream']],
    [{ 'Fn::GetAtt': 'Stream.Arn' }, ['Stream']],
    [{ 'Fn::Sub': '${A.Arn} ${B} ${!C}' }, ['A', 'B']],
    [{ 'Fn::Sub': ['${A}', { A: { Ref: 'D' } }] }, ['A', 'D']],
    [{ 'Fn::If': ['Yes', { Ref: 'A' }, { 'Fn::GetAtt': ['B', 'Arn'] }] }, ['A', 'B']],
  ])('%j refers to %j', (value, names) => {
    expect(referencesOf(value)).toEqual(names);
  });
});
