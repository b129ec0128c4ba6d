import type { Processor, StateSchema } from '../../core/processor.ts';
import { type DeviceReported, deviceReported } from './events.ts';
import { type Device, newDevice, reduce } from './reducer.ts';
import { devices } from './system.ts';

export const deviceState: StateSchema<Device> = { version: 1, initial: newDevice, migrations: {} };

export const devicesProcessor: Processor<Device, DeviceReported> = {
  name: devices.name,
  handles: [deviceReported],
  state: deviceState,
  reduce,
};
