import { localClients } from '../../local/clients.ts';
import { readAssembly } from '../../local/cloudformation/assembly.ts';
import { deploy, type Stack } from '../../local/cloudformation/deploy.ts';
import { ACCOUNT_ID, REGION, startEmulators } from '../../local/emulators/emulators.ts';
import type { Services } from '../../local/resources/services.ts';
import { SnsApi } from '../../local/resources/sns-api.ts';
import { resourceTypes } from '../../local/resources/types.ts';
import { writeAssembly } from './assembly.ts';

/** Emulators to make single resources in. */
export interface LocalServices {
  readonly services: Services;
  /** Makes these resources, by logical id, as a stack of this name. The asset `code.zip` exists. */
  make(stack: string, resources: object): Promise<Stack>;
  stop(): Promise<void>;
}

export async function startLocalServices(): Promise<LocalServices> {
  const emulators = await startEmulators();
  const { clients, destroy } = localClients(emulators.endpoints);
  const sns = new SnsApi(emulators.endpoints.sns);
  const services: Services = { clients, sns, functions: [], mappings: [], alarms: [], apis: [] };
  return {
    services,
    make: async (name, resources) => {
      const template = { Resources: resources };
      using assembly = writeAssembly({ [name]: { template } }, { 'code.zip': import.meta.dirname });
      const environment = { region: REGION, accountId: ACCOUNT_ID };
      const [stack] = await deploy(readAssembly(assembly.directory), resourceTypes(services), environment);
      return stack as Stack;
    },
    stop: async () => {
      await Promise.all(services.apis.map((api) => api.close()));
      destroy();
      await emulators.stop();
    },
  };
}
