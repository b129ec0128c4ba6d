import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { synthesize } from './support/synth.ts';

/** The runbook and the alarms of the templates, tied together. */

const page = readFileSync(resolve(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const templates = synthesize({ stage: 'prod' });
const descriptions = [
  ...templates.resources('AWS::CloudWatch::Alarm'),
  ...templates.resources('AWS::CloudWatch::CompositeAlarm'),
].map(({ properties }): string => properties.AlarmDescription);

/** Headings of the page that are about no single alarm. */
const GENERAL = ['first-whatever-it-is', 'why-a-system-falls-behind'];

/** As GitHub makes anchors. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((text) => [anchorOf(text.split('\n')[0] ?? ''), text] as const)
    .filter(([anchor]) => !GENERAL.includes(anchor)),
);
const linked = descriptions.map((text) => /docs\/runbook\.md#([a-z-]+)$/.exec(text)?.[1]);

test('every alarm links a heading, and every heading has an alarm', () => {
  expect(linked).not.toContain(undefined);
  expect([...sections.keys()].sort()).toEqual([...new Set(linked)].sort());
});

test.each([...sections])('%s says what it means, what to look at, what to do, and when it is over', (_, text) => {
  for (const part of ['**Means**', '**Look first', '**Do', '**Over']) {
    // What another heading says in full is referred to.
    if (!text.includes(part)) expect(text).toMatch(/\]\(#[a-z-]+\)/);
  }
  expect(text).toContain('**Means**');
  expect(text).toMatch(/\*\*Over\*\*/);
  expect(text).toMatch(/\*\*Look first/);
});

test('links within the page lead to its headings', () => {
  const anchors = [...sections.keys(), ...GENERAL];
  const broken = [...page.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, to = '']) => to).filter((to) => !anchors.includes(to));
  expect(broken).toEqual([]);
});

test('a stage may keep its runbook elsewhere', () => {
  const url = 'https://wiki.example.com/millrace';
  const elsewhere = synthesize({ stage: 'prod', runbookUrl: url });
  for (const { properties } of elsewhere.resources('AWS::CloudWatch::Alarm')) {
    expect(properties.AlarmDescription).toContain(`Runbook: ${url}#`);
  }
});
