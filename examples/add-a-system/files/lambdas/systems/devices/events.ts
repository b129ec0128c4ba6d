import * as z from 'zod';
import { defineEvent, type EventOf } from '../../core/catalogue.ts';

export const deviceReported = defineEvent('device.reported', {
  description: 'A device told how it is',
  owner: 'devices',
  subject: { is: 'device id, as it is printed on the device', example: 'thermostat-7' },
  schema: z.object({
    firmware: z.string().min(1).max(64).describe('version of the firmware that it runs'),
    batteryPercent: z.int().min(0).max(100).optional().describe('charge of the battery; absent on mains'),
  }),
  example: { firmware: '2.4.1', batteryPercent: 87 },
});

export type DeviceReported = EventOf<typeof deviceReported>;
