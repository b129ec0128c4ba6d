import fc from 'fast-check';
import { type DeviceReported, deviceReported } from '../../../lambdas/systems/devices/events.ts';
import { devicesProcessor } from '../../../lambdas/systems/devices/processor.ts';
import { afterNoon, eventOf } from '../../support/events.ts';
import { specify } from '../../support/specification.ts';

const device = specify(devicesProcessor);

const MINUTE = 60_000;

/** A report so many minutes after noon. */
const reported = (minute: number, firmware = '2.4.1', batteryPercent?: number): DeviceReported =>
  eventOf(deviceReported, batteryPercent === undefined ? { firmware } : { firmware, batteryPercent }, {
    time: afterNoon(minute * MINUTE),
  });

test('a first report makes a device', () => {
  device.when(reported(0, '2.4.1', 87)).thenWholeState({
    reports: 1,
    firstSeen: afterNoon(0),
    lastSeen: afterNoon(0),
    firmware: '2.4.1',
    batteryPercent: 87,
  });
});

test('a later report says what the device is like now', () => {
  device
    .given(reported(0, '2.4.1', 87))
    .when(reported(5, '2.5.0', 86))
    .thenState({ reports: 2, firstSeen: afterNoon(0), lastSeen: afterNoon(5 * MINUTE), firmware: '2.5.0' });
});

test('a report that comes late is counted and changes nothing newer', () => {
  device
    .given(reported(5, '2.5.0', 86))
    .when(reported(0, '2.4.1', 87))
    .thenState({ reports: 2, firstSeen: afterNoon(0), firmware: '2.5.0', batteryPercent: 86 });
});

test('a device that is plugged in has no battery any more', () => {
  device
    .given(reported(0, '2.4.1', 87))
    .when(reported(5))
    .thenState({ batteryPercent: undefined });
});

test('a report that is sent twice counts once', () => {
  const report = reported(0);
  device.given(report).when(report).thenRecognised();
});

test('when a device was seen does not depend on the order in which its reports arrive', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(minutes, (all) => {
      const sorted = all.toSorted((a, b) => a - b);
      device.when(...all.map((minute) => reported(minute, `at-${minute}`))).thenState({
        reports: all.length,
        firstSeen: afterNoon((sorted[0] ?? 0) * MINUTE),
        lastSeen: afterNoon((sorted.at(-1) ?? 0) * MINUTE),
        firmware: `at-${sorted.at(-1)}`,
      });
    }),
  );
});
