import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { stacksOf } from '../stage.ts';
import type { Scenario, World } from '../world.ts';

export const alarms: Scenario = {
  name: 'every alarm of the stacks is there and may act',
  run: async (world) => {
    const expected = await alarmsOfStacks(world);
    if (expected.length === 0) return { lacks: 'alarms: the stacks have none' };
    const { clients, signal } = world;
    const actions = new Map<string, boolean>();
    let NextToken: string | undefined;
    do {
      const command = new DescribeAlarmsCommand({
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      const page = await clients.cloudwatch.send(command, { abortSignal: signal });
      for (const alarm of [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])]) {
        actions.set(alarm.AlarmName ?? '', alarm.ActionsEnabled !== false);
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    const missing = expected.filter((name) => actions.get(name) !== true);
    if (missing.length > 0) throw new Error(`alarms that are not there or may not act: ${missing.join(', ')}`);
    return undefined;
  },
};

async function alarmsOfStacks({ clients, target, signal }: World): Promise<readonly string[]> {
  const names: string[] = [];
  for (const StackName of stacksOf(target.stage)) {
    let NextToken: string | undefined;
    do {
      const command = new ListStackResourcesCommand({ StackName, ...(NextToken === undefined ? {} : { NextToken }) });
      const page = await clients.cloudformation.send(command, { abortSignal: signal });
      for (const { ResourceType, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
        if (/^AWS::CloudWatch::(Composite)?Alarm$/.test(ResourceType ?? '')) names.push(PhysicalResourceId ?? '');
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }
  return names;
}
