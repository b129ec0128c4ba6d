import { z } from 'zod';
import { physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import type { Alarm } from '../metrics/alarm.ts';
import { arn, REASONS, removeOnly, replaceOnly, type Services } from './services.ts';

/** AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm: kept with all their properties, and not evaluated yet. */
export const alarm = ({ alarms }: Services, kind: Alarm['kind']): SupportedType =>
  supported({
    honoured: z.looseObject({ AlarmName: z.string().optional() }),
    ignored: { Tags: REASONS.tags },
    create: async (properties, context) => {
      const name = properties.AlarmName ?? physicalName(context, 255);
      const alarmArn = arn('cloudwatch', `alarm:${name}`);
      alarms.push({ name, arn: alarmArn, stack: context.stack, logicalId: context.logicalId, kind, properties });
      return { ref: name, attributes: { Arn: alarmArn } };
    },
    update: {
      fixed: ['AlarmName'],
      apply: async (properties, physical) => {
        replaceOnly(
          alarms,
          ({ name }) => name === physical.ref,
          (before) => ({ ...before, properties }),
        );
        return physical;
      },
    },
    remove: async ({ ref }) => removeOnly(alarms, ({ name }) => name === ref),
  });
