import { MAIN_BATCH } from './plan.ts';
import type { BenchResult, CaseSummary } from './result.ts';

/** What the project promises, in words. */
export const TARGETS = {
  puts: 'puts per event are distinct keys per event',
  writeUnits: "at most a sixth of ordered Powertools' write units",
  cpu: "at most a sixth of ordered Powertools' CPU",
  overhead: 'CPU at most 1.25 × floor + bare puts',
  rows: 'write units per put at most 1.25',
  imports: "import time at most 1.3 × a bare DynamoDB client's",
} as const;

/** A promise and what a run found of it. */
export interface Verdict {
  readonly target: keyof typeof TARGETS;
  readonly found: string;
  readonly isMet: boolean;
}

/** With 8 environments, figures may be worse by this factor. */
const SLACK = 1.1;

/** How a run stands by the promises, which are made for Zipf keys and batches of 500. */
export function verdicts({ cases, bundles }: BenchResult): readonly Verdict[] {
  const main = cases.filter(({ keys, batch }) => keys === 'zipf' && batch === MAIN_BATCH);
  return [
    ...main.flatMap(verdictsOf),
    ...bundles.map((one): Verdict => {
      const ratio = one.importMs / one.bareClientImportMs;
      return { target: 'imports', found: `${one.function} ${ratio.toFixed(2)} ×`, isMet: ratio <= 1.3 };
    }),
  ];
}

function verdictsOf({ environments, distinctKeysPerEvent, variants, ratios }: CaseSummary): readonly Verdict[] {
  const handler = variants.get('handler');
  if (handler === undefined) return [];
  const slack = environments === 1 ? 1 : SLACK;
  const among = `${environments} environment${environments === 1 ? '' : 's'}`;
  const verdict = (
    target: Verdict['target'],
    value: number | undefined,
    unit: string,
    isMet: (value: number) => boolean,
  ) =>
    value === undefined ? [] : [{ target, found: `${value.toFixed(3)}${unit} with ${among}`, isMet: isMet(value) }];
  return [
    // Conflicts aside, there is no put that could be saved: equal but for rounding.
    ...verdict('puts', handler.putsPerEvent / distinctKeysPerEvent, ' ×', (ratio) => Math.abs(ratio - 1) < 1e-9),
    ...verdict('writeUnits', ratios.powertoolsWriteUnits, ' × ours', (ratio) => ratio * slack >= 6),
    ...verdict('cpu', ratios.powertoolsCpu, ' × ours', (ratio) => ratio * slack >= 6),
    ...verdict('overhead', ratios.cpuOverBare, ' ×', (ratio) => ratio <= 1.25 * slack),
    ...verdict('rows', handler.writeUnitsPerPut, '', (units) => units <= 1.25 * slack),
  ];
}
