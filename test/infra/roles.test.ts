import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { profileSchema } from '../../lambdas/systems/profiles/view.ts';
import { statementsOf } from './support/policy.ts';
import {
  type Case,
  CHECKPOINTS,
  DEAD_LETTERS,
  decisionOf,
  INDEX,
  KEY,
  prod,
  SHOP,
  TABLE,
  through,
  UPDATES,
} from './support/roles.ts';
import { synthesize } from './support/synth.ts';

const open = synthesize({ stage: 'prod', analystsReadPersonalData: 'true' });

describe('a producer of stream shop', () => {
  test.each<Case>([
    ['kinesis:PutRecords', SHOP],
    ['kinesis:PutRecord', SHOP],
    ['kms:GenerateDataKey', KEY, through('kinesis')],
  ])('may %s on %s', (action, resource, context = {}) => {
    expect(decisionOf('ShopProducer', { action, resource, context })).toBe('allowed');
  });

  test.each<Case>([
    ['kinesis:PutRecords', UPDATES],
    ['kinesis:GetRecords', SHOP],
    ['kinesis:GetShardIterator', SHOP],
    ['kinesis:SplitShard', SHOP],
    ['kinesis:DeleteStream', SHOP],
    ['kms:GenerateDataKey', KEY],
    ['kms:GenerateDataKey', KEY, through('dynamodb')],
    ['kms:Decrypt', KEY, through('kinesis')],
    ['dynamodb:GetItem', TABLE],
    ['dynamodb:PutItem', TABLE],
    ['sqs:ReceiveMessage', DEAD_LETTERS],
  ])('may not %s on %s %j', (action, resource, context = {}) => {
    expect(decisionOf('ShopProducer', { action, resource, context })).toBe('denied');
  });

  test('there is none for a stream that systems write', () => {
    const made = prod.resources('AWS::IAM::ManagedPolicy').map(({ path }) => path.split('/')[1]);
    expect(made.sort()).toEqual(['ProfilesAnalyst', 'ProfilesOperator', 'ShopProducer']);
  });
});

/** A read that names the attributes that it wants. */
const naming = (...attributes: string[]) => ({
  'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
  'dynamodb:Attributes': attributes,
});

describe('an analyst of profiles', () => {
  test.each<Case>([
    ['dynamodb:GetItem', TABLE, naming('id', 'totalSpend', 'segment')],
    ['dynamodb:PartiQLSelect', TABLE, { ...naming('id', 'orders'), 'dynamodb:FullTableScan': 'false' }],
    ['dynamodb:Query', INDEX, naming('segmentShard', 'segmentSince', 'segment')],
    ['dynamodb:PartiQLSelect', INDEX, { ...naming('segmentShard', 'segment'), 'dynamodb:FullTableScan': 'false' }],
    ['kms:Decrypt', KEY, through('dynamodb')],
  ])('may %s on %s %j', (action, resource, context = {}) =>
    expect(decisionOf('ProfilesAnalyst', { action, resource, context })).toBe('allowed'),
  );

  test.each<Case>([
    ['dynamodb:GetItem', TABLE, naming('id', '_pos')],
    ['dynamodb:GetItem', TABLE, naming('id', '_out')],
    ['dynamodb:GetItem', TABLE, naming('id', 'cart')],
    ['dynamodb:GetItem', TABLE, naming('id', 'recentProducts')],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Select': 'ALL_ATTRIBUTES' }],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Select': 'ALL_ATTRIBUTES', 'dynamodb:Attributes': ['id'] }],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Attributes': ['id', 'segment'] }],
    ['dynamodb:GetItem', TABLE, { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' }],
    ['dynamodb:GetItem', TABLE],
    ['dynamodb:PartiQLSelect', TABLE, naming('id', '_ids')],
    ['dynamodb:Query', TABLE, naming('id', 'segment')],
    ['dynamodb:Query', INDEX, naming('segmentShard', 'segment', 'id')],
    [
      'dynamodb:Query',
      INDEX,
      { 'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES', 'dynamodb:Attributes': ['segmentShard'] },
    ],
    ['dynamodb:Query', `${TABLE}/index/another`, naming('segmentShard')],
    ['dynamodb:Scan', TABLE, naming('id', 'segment')],
    ['dynamodb:Scan', INDEX, naming('segment')],
    ['dynamodb:BatchGetItem', TABLE, naming('id', 'segment')],
    ['dynamodb:PutItem', TABLE, naming('id', 'segment')],
    ['dynamodb:UpdateItem', TABLE, naming('id', 'segment')],
    ['dynamodb:DeleteItem', TABLE, naming('id')],
    ['dynamodb:PartiQLUpdate', TABLE, naming('id', 'segment')],
    ['dynamodb:ExportTableToPointInTime', TABLE],
    ['dynamodb:GetItem', CHECKPOINTS, naming('id')],
    ['kinesis:GetRecords', SHOP],
    ['sqs:ReceiveMessage', DEAD_LETTERS],
    ['kms:Decrypt', KEY, through('kinesis')],
  ])('may not %s on %s %j', (action, resource, context = {}) => {
    expect(decisionOf('ProfilesAnalyst', { action, resource, context })).toBe('denied');
  });

  test.each([TABLE, INDEX])('is refused a full scan of %s by PartiQL, whatever else allows it', (resource) => {
    const context = { ...naming('segment'), 'dynamodb:FullTableScan': 'true' };
    const request = { action: 'dynamodb:PartiQLSelect', resource, context };
    expect(decisionOf('ProfilesAnalyst', request)).toBe('explicitly denied');
  });

  describe('where a setting allows personal data', () => {
    test.each<Case>([
      ['dynamodb:GetItem', TABLE, naming('id', 'cart', 'recentProducts')],
      ['dynamodb:Query', INDEX, naming('segmentShard', 'segment', 'id')],
    ])('may %s on %s %j', (action, resource, context = {}) => {
      expect(decisionOf('ProfilesAnalyst', { action, resource, context }, open)).toBe('allowed');
    });

    test.each<Case>([
      ['dynamodb:GetItem', TABLE, naming('id', '_out')],
      ['dynamodb:Query', INDEX, naming('segmentShard', '_v')],
      ['dynamodb:Scan', TABLE, naming('id')],
    ])('still may not %s on %s %j', (action, resource, context = {}) => {
      expect(decisionOf('ProfilesAnalyst', { action, resource, context }, open)).toBe('denied');
    });
  });

  test('the manifest says of every attribute of a row whether it is personal', () => {
    const shown = profileSchema.options.flatMap((option) => Object.keys(option.shape));
    const { attributes = [], personal = [] } = profiles.analysts ?? {};
    const indexed = profiles.indexes.flatMap((index) => [index.partitionKey, index.sortKey.name]);
    expect([...attributes, ...personal].sort()).toEqual([...new Set([...shown, ...indexed])].sort());
  });
});

describe('policies', () => {
  /** IAM's quota for a managed policy, without blanks; an ARN is about 100 characters, where readable text has a name. */
  const MOST_CHARACTERS = 6_144;

  test.each(prod.resources('AWS::IAM::ManagedPolicy').map((policy) => [policy.path, policy] as const))(
    '%s fits what IAM takes, and names no family of actions',
    (_, policy) => {
      const statements = statementsOf(prod, policy);
      const references = statements.flatMap(({ resources }) => resources).length;
      const conditions = JSON.stringify(statements.map((s) => s.conditions)).length;
      const actions = statements.flatMap((s) => s.actions);
      const size = actions.join('","').length + conditions + references * 110 + statements.length * 80;
      expect(size).toBeLessThan(MOST_CHARACTERS);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    },
  );

  test('are attached to nobody, and their ARNs are outputs', () => {
    for (const { properties } of prod.resources('AWS::IAM::ManagedPolicy')) {
      expect([properties.Roles, properties.Users, properties.Groups]).toEqual([undefined, undefined, undefined]);
    }
    expect(Object.keys(prod.stateless.Outputs ?? {})).toEqual(
      expect.arrayContaining(['ShopProducerPolicyArn', 'ProfilesAnalystPolicyArn', 'ProfilesOperatorPolicyArn']),
    );
  });
});
