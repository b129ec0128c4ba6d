/**
 * Invokes a bundled handler once, as a Lambda function of its own process: `node invoke-bundle.mjs BUNDLE EVENT`. Prints one JSON line
 * with the response and the largest resident size of the process in bytes.
 */
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * The largest resident size of this process so far. Linux keeps in `maxRSS` what the process that started this one had when it did; the
 * high-water mark in /proc is this program's own.
 */
function maxRssBytes() {
  if (!existsSync('/proc/self/status')) return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

const [bundle, eventFile] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);
const started = Date.now();
const response = await handler(JSON.parse(readFileSync(eventFile, 'utf8')), {
  functionName: 'profiles',
  awsRequestId: 'request-1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:profiles',
  memoryLimitInMB: '256',
  functionVersion: '$LATEST',
  // No limit but memory is tested here, and the machine may be slow.
  getRemainingTimeInMillis: () => 600_000 - (Date.now() - started),
});
writeSync(1, `\n${JSON.stringify({ response, maxRssBytes: maxRssBytes() })}\n`);
process.exit(0);
