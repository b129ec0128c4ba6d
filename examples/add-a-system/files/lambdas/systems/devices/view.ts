import * as z from 'zod';
import { rowRoute, type SystemView } from '../../core/view.ts';
import { deviceState } from './processor.ts';
import { DEVICE_PATH, devices } from './system.ts';

const deviceId = z.string().min(1).max(256).meta({ description: 'As it is printed on the device' });
const instant = z.iso.datetime();

/** What a device may show. */
export const deviceSchema = z.object({
  reports: z.int().min(1).meta({ description: 'Number of reports' }),
  firstSeen: instant.meta({ description: 'Time of the earliest report' }),
  lastSeen: instant.meta({ description: 'Time of the latest report' }),
  firmware: z.string().meta({ description: 'As the latest report has it' }),
  batteryPercent: z.int().meta({ description: 'As the latest report has it; absent on mains' }).optional(),
});

export const devicesView: SystemView = {
  system: devices.name,
  routes: [
    rowRoute({
      path: DEVICE_PATH,
      operationId: 'getDevice',
      summary: 'One device',
      description: 'What is known of a device as of its last commit.',
      key: { name: 'id', schema: deviceId },
      state: deviceState,
      body: z.object({ id: deviceId, device: deviceSchema }),
      view: ({ key, state }) => ({ id: key, device: state }),
    }),
  ],
};
