import { noTotals } from '../support/simulate/campaign.ts';
import { MILESTONES } from '../support/simulate/reached.ts';
import { FAULT_KINDS, neglected, replayCommand, timesDue } from '../support/simulate.ts';
import { jsonReport, neglectedLine } from './cli/report.ts';

const reachedBy = (times: number): Record<string, number> =>
  Object.fromEntries(Object.keys(MILESTONES).map((name) => [name, times]));

describe('a campaign', () => {
  test('of 2,000 seeds must come through every milestone 100 times, a smaller one in proportion', () => {
    expect([2_000, 5_000, 1_000, 40, 10].map(timesDue)).toEqual([100, 100, 50, 2, 0]);
  });

  test('that came through one too rarely proves too little, and says which', () => {
    const enough = { ...noTotals(), seeds: 2_000, reached: reachedBy(100) };
    expect(neglected(enough)).toEqual([]);
    expect(neglectedLine(enough)).toBeUndefined();
    const short = { ...enough, reached: { ...reachedBy(100), 'zombie-commit-refused': 99 } };
    expect(neglected(short)).toEqual(['zombie-commit-refused']);
    expect(neglectedLine(short)).toMatch(/zombie-commit-refused .*: 99$/);
  });

  test('is told as one object', () => {
    const failure = { seed: 17, breaches: [{ kind: 'lost', message: 'an event' }] } as const;
    const report = jsonReport(
      { ...noTotals(), seeds: 30, deliveries: 900, events: 300, lost: 1, failures: [failure] },
      2_000,
    );
    expect(Object.keys(report)).toEqual([
      'seeds',
      'deliveries',
      'events',
      'lost',
      'twice',
      'unaccounted',
      'seedsPerSecond',
      'faults',
      'reached',
      'failedSeeds',
    ]);
    expect(report).toMatchObject({ seeds: 30, lost: 1, seedsPerSecond: 15, failedSeeds: [17] });
    expect(Object.keys(report.faults)).toEqual(FAULT_KINDS);
  });
});

test('a shrunk case is had again by a command that says all of it', () => {
  const faults = new Set(['crash', 'stale-read'] as const);
  expect(replayCommand({ seed: 5, faults, schedule: 3, keep: new Set([7, 9]) }, 'ledger')).toBe(
    'npm run simulate -- --seed 5 --system ledger --faults crash,stale-read --schedule 3 --keep 7,9',
  );
});
