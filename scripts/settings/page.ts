import type { z } from 'zod';
import { settingGroups } from '../../lib/settings.ts';
import { stageDefaults } from '../../lib/stages.ts';

/** docs/settings.md: every setting of a stage, what is allowed, what the stages have, and what it means. */
export const settingsPage = (): string => `${[HEAD, ...settingGroups.map(section)].join('\n\n')}\n`;

const STAGES = Object.keys(stageDefaults);

const HEAD = `# Settings

Every setting of a stage. Generated from \`lib/settings\` and \`lib/stages.ts\` by \`npm run settings\`: change those, not this page.

A stage is an entry of \`lib/stages.ts\`: add one for each environment. \`npx cdk deploy --all -c stage=prod\` deploys a stage (default: \`dev\`), and
\`-c setting=value\` overrides a setting once: \`-c shards=4\`. What has parts is JSON: \`-c 'subnetIds=["subnet-0a1b2c3d"]'\`.
A value that is not allowed, and a setting that does not exist, fail the synth with what is allowed.
The columns ${STAGES.map((stage) => `\`${stage}\``).join(', ')} say what these stages have; – is not set.

Four things are easily overlooked:

- **Existing keys, streams and topics** keep their own policies: the stage cannot change them. The table says what they must allow.
- **Other accounts** need more than \`producers\`: a policy of their own that lets their roles put on the stream and use its key.
- **A system that is left out** of \`systems\` goes in two steps, the stateless stack first (docs/decisions/infra-stacks-and-references.md).
- **Budgets** only tell. Nothing stops when the money is spent.`;

function section({ title, shape }: (typeof settingGroups)[number]): string {
  return [
    `## ${title}`,
    '',
    row(['setting', 'allowed', ...STAGES, 'what it means']),
    row(['---', '---', ...STAGES.map(() => '---'), '---']),
    ...Object.entries(shape).map(([name, schema]) =>
      row([`\`${name}\``, allowed(schema), ...STAGES.map((stage) => valueIn(stage, name)), schema.description ?? '']),
    ),
  ].join('\n');
}

/** What the schema says to a value that no setting has. */
function allowed(schema: z.ZodType): string {
  const { error } = schema.safeParse(Symbol('nothing'));
  const message = error?.issues[0]?.message;
  if (message === undefined) throw new Error('a setting allows everything');
  return message;
}

function valueIn(stage: string, name: string): string {
  const value = Object.entries(stageDefaults[stage] ?? {}).find(([key]) => key === name)?.[1];
  return value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
}

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
