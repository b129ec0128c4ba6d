import { type LambdaClient, ResourceInUseException } from '@aws-sdk/client-lambda';
import { changeMapping, type Switch } from '../../../local/cli/mapping/change.ts';

/** A mapping as Lambda has it: each look finds the next of its states, and an update decides on those that follow. */
function mappingOf(states: string[], afterUpdate: string[], refusals = 0) {
  const updates: boolean[] = [];
  const send = async (command: { readonly input: { readonly Enabled?: boolean } }) => {
    if (command.constructor.name === 'GetEventSourceMappingCommand') {
      return { State: states.length > 1 ? states.shift() : states[0] };
    }
    if (refusals-- > 0) throw new ResourceInUseException({ $metadata: {}, message: 'busy' });
    updates.push(command.input.Enabled === true);
    states.splice(0, states.length, ...afterUpdate);
    return {};
  };
  return { lambda: { send } as unknown as LambdaClient, updates };
}

async function change(to: Switch, lambda: LambdaClient) {
  let nowMs = 0;
  const seen: string[] = [];
  const environment = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const signal = new AbortController().signal;
  const result = await changeMapping(lambda, 'm-1', to, { environment, signal, onState: (state) => seen.push(state) });
  return { ...result, seen, nowMs };
}

test('a mapping is disabled once, and the command waits until it is', async () => {
  const { lambda, updates } = mappingOf(['Enabled'], ['Enabled', 'Disabling', 'Disabling', 'Disabled']);
  expect(await change('pause', lambda)).toMatchObject({
    state: 'Disabled',
    changed: true,
    seen: ['Enabled', 'Disabling'],
  });
  expect(updates).toEqual([false]);
});

test.each<[Switch, string]>([
  ['pause', 'Disabled'],
  ['resume', 'Enabled'],
])('%s of what is %s already changes nothing', async (to, state) => {
  const { lambda, updates } = mappingOf([state], []);
  expect(await change(to, lambda)).toMatchObject({ state, changed: false, nowMs: 0 });
  expect(updates).toEqual([]);
});

test('what is on its way elsewhere is waited for before it is changed', async () => {
  const { lambda, updates } = mappingOf(['Disabling', 'Disabling', 'Disabled'], ['Enabling', 'Enabled']);
  expect(await change('resume', lambda)).toMatchObject({ state: 'Enabled', changed: true });
  expect(updates).toEqual([true]);
});

test('a change that Lambda refuses since the mapping is in use is tried again', async () => {
  const { lambda, updates } = mappingOf(['Enabled'], ['Disabled'], 2);
  expect(await change('pause', lambda)).toMatchObject({ state: 'Disabled', changed: true });
  expect(updates).toEqual([false]);
});

test('a mapping that never gets there ends the wait with its state', async () => {
  const { lambda } = mappingOf(['Enabled'], ['Disabling']);
  await expect(change('pause', lambda)).rejects.toThrow(/m-1 is still Disabling after 5 minutes/);
});
