import { type Cloud, startCloud } from '../../cloud.ts';
import { type Synthesis, synthesize } from '../../synth.ts';
import { describeTrouble, type Trouble } from '../../trouble.ts';
import { systemEnvironment } from '../environment.ts';
import { EXIT } from '../errors.ts';
import { plural, seconds } from '../format.ts';
import { publishLocalState, refuseSecond } from '../local-state.ts';
import { type Output, printable } from '../output.ts';
import { putsInto, type SendReport, send } from '../send/send.ts';
import { callApi, describeApiCall } from './api-call.ts';
import { type Input, type InputOptions, openInput } from './input.ts';
import { measure, type Outcome } from './outcome.ts';
import { showProgress } from './progress.ts';
import { describeOutcome, jsonReport } from './report.ts';
import { type ProfilesSystem, profilesSystem } from './system.ts';
import { describeEndpoints, localState, watch } from './watch.ts';

export interface StartOptions extends InputOptions {
  /** Shards of each stream; the stage's setting by default. */
  readonly shards?: number;
  /** Stay up after the events are through. */
  readonly watch: boolean;
  readonly json: boolean;
}

/**
 * Runs the synthesized stacks on this machine, sends events through them and says what became of each.
 *
 * @returns the exit code: 0, or 1 if events could not be sent or the counts do not add up.
 * @throws the signal's reason if it aborts before the events are through; CliError, SynthError and whatever else goes wrong.
 */
export async function start(options: StartOptions, output: Output, signal: AbortSignal): Promise<number> {
  const startedMs = Date.now();
  if (options.watch) refuseSecond();
  let notSent = 0;
  await using input = await openInput(options, systemEnvironment, ({ line, event, reason }) => {
    notSent += 1;
    output.log(`Line ${line}${event === undefined ? '' : `, event ${event}`}: not sent: ${reason}`);
  });
  // Functions are loaded from it at any time, so it goes after the cloud.
  using assembly = await synthesized(options, output, signal);
  await using cloud = await bringUp(assembly, output);
  const system = profilesSystem(cloud.output);
  using _state = options.watch ? publishLocalState(localState(cloud)) : undefined;
  const report = await drive(cloud, system, input, output, signal);
  const outcome = await measure(cloud, system, { ...report, notSent }, startedMs);
  const [first] = outcome.highlights;
  const call = first === undefined ? undefined : await callApi(cloud, first.found.id);
  show(outcome, input, options, output);
  if (!options.json) {
    if (call !== undefined) output.result(`\n${describeApiCall(call)}`);
    output.result(goOn(outcome, options.watch));
  }
  if (options.watch) {
    const endpoints = describeEndpoints(cloud, system, call?.path);
    if (options.json) output.log(endpoints);
    else output.result(`\n${endpoints}`);
    await watch(cloud, output, signal);
  }
  return notSent > 0 || outcome.contradictions.length > 0 ? EXIT.failed : EXIT.ok;
}

async function synthesized({ shards }: StartOptions, output: Output, signal: AbortSignal): Promise<Synthesis> {
  output.phase('Synthesizing the stacks …');
  const fromMs = Date.now();
  const assembly = await synthesize({ ...(shards === undefined ? {} : { context: { shards } }), signal });
  output.status('');
  output.log(`Synthesized the stacks in ${seconds(Date.now() - fromMs)}`);
  return assembly;
}

async function bringUp({ directory }: Synthesis, output: Output): Promise<Cloud> {
  output.phase('Starting the local cloud …');
  const fromMs = Date.now();
  const onTrouble = (trouble: Trouble): void => output.log(describeTrouble(trouble));
  const cloud = await startCloud({ assemblyDir: directory, onTrouble });
  output.status('');
  output.log(`Started ${plural(cloud.stacks.size, 'stack')} on this machine in ${seconds(Date.now() - fromMs)}`);
  return cloud;
}

/** Sends the input and waits until everything is processed. */
async function drive(
  cloud: Cloud,
  system: ProfilesSystem,
  input: Input,
  output: Output,
  interrupt: AbortSignal,
): Promise<SendReport> {
  const stalled = new AbortController();
  const signal = AbortSignal.any([interrupt, stalled.signal]);
  const watched = { accepted: 0, ended: false };
  const { put, destroy } = putsInto(cloud.endpoints.kinesis, system.stream);
  using _progress = showProgress(cloud, output, watched, (error) => stalled.abort(error));
  try {
    const onProgress = (accepted: number): void => {
      watched.accepted = accepted;
    };
    const options = { signal, environment: systemEnvironment, onProgress };
    const report = await send((aborted) => input.events(aborted), put, options);
    watched.ended = true;
    await cloud.untilDrained(signal);
    return report;
  } finally {
    destroy();
  }
}

function show(outcome: Outcome, input: Input, options: StartOptions, output: Output): void {
  if (options.json) output.result(JSON.stringify(jsonReport(outcome)));
  else output.result(describeOutcome(outcome, input.name));
  if (outcome.notSent > 0) output.log(`${plural(outcome.notSent, 'event')} of ${input.name} could not be sent`);
  for (const contradiction of outcome.contradictions) output.log(`The counts do not add up: ${contradiction}`);
}

/** Commands that work next. */
function goOn({ highlights }: Outcome, isUp: boolean): string {
  const { id = 'ID', profile } = highlights[0]?.found ?? {};
  const segment = profile?.status === 'active' && profile.segment !== 'none' ? profile.segment : 'low';
  const commands = [
    ...(isUp ? [] : ['npm start -- --watch                      keep it up; then, in another terminal:']),
    `npx millrace profile get ${argument(id)}`,
    `npx millrace profile list --segment ${segment}`,
    'npx millrace --help',
  ];
  return ['', 'Go on with', ...commands.map((command) => `  ${command}`)].join('\n');
}

/** As a shell takes it. Ids are free text. */
const argument = (text: string): string =>
  /^[\w.@:-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", "'\\''")}'`;
