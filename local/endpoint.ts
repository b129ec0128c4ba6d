import { type AccountOptions, startAccount } from './account.ts';
import { Assets } from './control-plane/assets.ts';
import { cloudFormationApi } from './control-plane/cloudformation.ts';
import { type Parameters, ssmApi, ssmParameter } from './control-plane/ssm.ts';
import { Stacks } from './control-plane/stacks.ts';
import { stsApi } from './control-plane/sts.ts';
import { ACCOUNT_ID, REGION } from './emulators/emulators.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { resourceTypes } from './resources/types.ts';
import { Teardown } from './teardown.ts';

export interface EndpointOptions extends Omit<AccountOptions, 'ports' | 'clock'> {
  /** Default: a free one. */
  readonly port?: number;
  /** Told of faults of the services themselves; what they refuse is for their clients alone. */
  readonly report: (error: unknown) => void;
}

/** An account on this machine behind one port, as AWS_ENDPOINT_URL names it. It begins empty. */
export interface Endpoint extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Names of the stacks that there are, each with its status. */
  stacks(): readonly { readonly name: string; readonly status: string }[];
  /** Stops everything, abandons what is in flight and frees the ports. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts an empty account that tools deploy stacks into: CloudFormation, STS, SSM's parameters, S3, and what the stacks use.
 *
 * @throws if the port is taken; everything is stopped by then.
 */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const teardown = new Teardown();
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start({ port = 0, report, ...options }: EndpointOptions, teardown: Teardown): Promise<Endpoint> {
  const { endpoints, clients, services, workloads, alarmBook } = await startAccount(options, teardown, async () => []);
  const assets = new Assets(clients.s3);
  teardown.add(() => assets[Symbol.asyncDispose]());
  const parameters: Parameters = new Map();
  const stacks = new Stacks(
    {
      types: { ...resourceTypes(services), 'AWS::SSM::Parameter': ssmParameter(parameters) },
      environment: { region: REGION, accountId: ACCOUNT_ID },
      assetDirectory: (key, bucket) => assets.directory(key, bucket),
    },
    async (all) => {
      await workloads.reconcile(all);
      // Compiles what is new, so that an alarm that cannot be evaluated fails with its stack.
      alarmBook.all();
    },
  );
  teardown.add(() => stacks.idle());
  const { lambda, cloudwatch, logs, ...emulated } = endpoints;
  const gateway: Gateway = await startGateway({
    port,
    report,
    routes: {
      ...emulated,
      lambda,
      monitoring: cloudwatch,
      logs,
      cloudformation: cloudFormationApi(stacks, assets, report),
      sts: stsApi(report),
      ssm: ssmApi(parameters),
    },
  });
  teardown.add(() => gateway.close());
  const stop = () => teardown.run();
  return {
    url: gateway.url,
    stacks: () => stacks.live.map(({ name, history: { status } }) => ({ name, status })),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
