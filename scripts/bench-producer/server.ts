/** The emulated Kinesis in a process of its own, so that producers are measured and not the emulator. Tells its address by its parent's channel. */

import { startEmulators } from '../../local/emulators/emulators.ts';

const { endpoints } = await startEmulators();
process.send?.(endpoints.kinesis);
// Ends with its parent.
process.on('disconnect', () => process.exit(0));
