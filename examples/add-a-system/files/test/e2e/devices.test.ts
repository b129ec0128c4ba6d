import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { deviceReported } from '../../lambdas/systems/devices/events.ts';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../lib/stacks/outputs.ts';
import { askApi } from '../../local/cli/api/ask.ts';
import { startCloud } from '../../local/cloud.ts';
import { REGION } from '../../local/emulators/emulators.ts';
import { synthesize } from '../../local/synth.ts';
import { eventOf } from '../support/events.ts';

test('a report on the stream becomes a row that the API shows, through the templates and functions that are deployed', async () => {
  using synthesis = await synthesize({ context: { systems: '["devices"]', batchingWindowSeconds: 0 } });
  const cloud = await startCloud({ assemblyDir: synthesis.directory });
  try {
    const output = (key: string) => cloud.output(statefulStackName('local'), key);
    const report = eventOf(
      deviceReported,
      { firmware: '2.4.1', batteryPercent: 87 },
      { subject: 'thermostat-7', time: new Date().toISOString() },
    );
    await cloud.clients.kinesis.send(
      new PutRecordsCommand({
        StreamName: output(STATEFUL_OUTPUTS.streamName('telemetry')),
        Records: [{ PartitionKey: report.subject, Data: Buffer.from(JSON.stringify(report)) }],
      }),
    );
    await cloud.untilDrained(AbortSignal.timeout(60_000));
    const { Item } = await cloud.clients.documents.send(
      new GetCommand({ TableName: output(STATEFUL_OUTPUTS.tableName('devices')), Key: { id: 'thermostat-7' } }),
    );
    expect(Item).toMatchObject({ id: 'thermostat-7', reports: 1, firmware: '2.4.1', batteryPercent: 87 });

    const endpoint = cloud.output(statelessStackName('local'), STATELESS_OUTPUTS.apiEndpoint);
    const { status, body } = await askApi(
      { endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } },
      '/devices/thermostat-7',
    );
    expect([status, JSON.parse(body)]).toMatchObject([200, { device: { reports: 1, firmware: '2.4.1' } }]);
  } finally {
    await cloud.stop();
  }
}, 120_000);
