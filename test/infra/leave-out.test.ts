import { PARTS } from '../../lib/settings/placement.ts';
import { synthesize } from './support/synth.ts';
import type { Templates } from './support/templates.ts';

/** Logical ids that a template refers to and does not have. */
function dangling({ Resources }: { readonly Resources: object }, whole: object): readonly string[] {
  const text = JSON.stringify(whole);
  const named = [
    ...text.matchAll(/\{"Ref":"(\w+)"\}/g),
    ...text.matchAll(/\{"Fn::GetAtt":\["(\w+)"/g),
    ...text.matchAll(/"DependsOn":\[?"(\w+)"/g),
  ].map(([, id = '']) => id);
  return named.filter((id) => !(id in Resources));
}

const check = (templates: Templates): readonly string[] =>
  [templates.stateful, templates.stateless].flatMap((template) =>
    dangling(template as { Resources: object }, template),
  );

const GONE = {
  alarms: /^AWS::CloudWatch::/,
  'composite-alarms': /^AWS::CloudWatch::(CompositeAlarm|Dashboard)$/,
  dashboards: /^AWS::CloudWatch::Dashboard$/,
  'schema-registry': /^AWS::Glue::/,
  api: /^AWS::ApiGatewayV2::/,
} as const;

describe('a stage for an emulator that lacks services', () => {
  // dev does without alarms by itself.
  const whole = synthesize({ stage: 'prod' });

  test.each(PARTS)('does without %s, and nothing refers to it', (part) => {
    expect(whole.resources().some(({ type }) => GONE[part].test(type))).toBe(true);
    const templates = synthesize({ stage: 'prod', leaveOut: [part] });
    expect(templates.resources().filter(({ type }) => GONE[part].test(type))).toEqual([]);
    expect(check(templates)).toEqual([]);
    expect(templates.resources('AWS::Lambda::EventSourceMapping')).toHaveLength(1);
  });

  test('does without all of them at once', () => {
    expect(check(synthesize({ leaveOut: [...PARTS] }))).toEqual([]);
  });

  test('refuses a part that there is not, and names those that there are', () => {
    expect(() => synthesize({ leaveOut: ['lambda'] })).toThrow(
      /leaveOut\.0 is "lambda"; allowed: a list of alarms, composite-alarms/,
    );
  });
});
