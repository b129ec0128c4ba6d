import type { Reduction } from '../../core/processor.ts';
import type { DeviceReported } from './events.ts';

export interface Device {
  /** Number of reports. */
  readonly reports: number;
  /** RFC 3339 in UTC, of the earliest and the latest report by the time of the device. Absent before the first. */
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  /** As the latest report has it. */
  readonly firmware?: string;
  /** As the latest report has it; absent on mains. */
  readonly batteryPercent?: number;
}

export const newDevice = (): Device => ({ reports: 0 });

/**
 * One report folded into the device. Devices were offline and send late, so what a device is like is decided by the time of the report and
 * not by the order in which reports arrive: a late one is counted and changes nothing newer.
 */
export function reduce(device: Device, { time, data }: DeviceReported): Reduction<Device> {
  const at = new Date(time).toISOString();
  const { reports, firstSeen = at, lastSeen = at } = device;
  const counted = { reports: reports + 1, firstSeen: at < firstSeen ? at : firstSeen };
  if (at < lastSeen) return { state: { ...device, ...counted } };
  const { firmware, batteryPercent } = data;
  const battery = batteryPercent === undefined ? {} : { batteryPercent };
  return { state: { ...counted, ...battery, lastSeen: at, firmware } };
}
