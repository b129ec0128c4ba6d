import { clientsOf } from './any-endpoint/clients.ts';
import { type Settings, SUITE_SETTINGS } from './any-endpoint/deployment.ts';
import { REDEPLOYED } from './any-endpoint/scenarios/redeploy.ts';
import { SdkDeployment } from './any-endpoint/sdk-deployment.ts';
import { type ServedCloud, serveLocalCloud } from './any-endpoint/serve.ts';
import { type Result, runSuite, SCENARIOS } from './any-endpoint/suite.ts';

/** The suite that `npm run e2e` runs against any endpoint, here against the local cloud in a process of its own. */
describe('a stage behind an AWS endpoint', () => {
  let served: ServedCloud | undefined;
  const results: Result[] = [];

  beforeAll(async () => {
    const settings: Settings = {};
    served = await serveLocalCloud();
    const target = { stage: 'dev', endpoint: served.url };
    const clients = clientsOf(target);
    using deployment = new SdkDeployment(target, clients);
    // Both at once, since each takes seconds.
    void deployment.synthesize({ ...SUITE_SETTINGS, ...settings, ...REDEPLOYED }).catch(() => undefined);
    const signal = new AbortController().signal;
    const options = { target, clients, deployment, settings, keep: false, signal, progress: () => undefined };
    await runSuite({ ...options, done: (result) => results.push(result) });
    clients.destroy();
    // So long that a failing scenario can say what it waited for.
  }, 600_000);

  afterAll(() => served?.[Symbol.asyncDispose]());

  test.each([...SCENARIOS.map(({ name }) => name), 'the stage goes away whole'])('%s', (name) => {
    const result = results.find(({ scenario }) => scenario === name);
    expect(result).toEqual({ scenario: name, outcome: 'passed', ms: expect.any(Number) });
  });
});
