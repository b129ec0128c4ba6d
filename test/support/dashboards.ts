import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import type { Cloud } from '../../local/cloud.ts';
import { readAssembly } from '../../local/cloudformation/assembly.ts';
import { resolve } from '../../local/cloudformation/intrinsics.ts';
import { StackScope } from '../../local/cloudformation/scope.ts';
import { outputsOf } from '../../local/cloudformation/stack-resources.ts';
import { ACCOUNT_ID, REGION } from '../../local/emulators/emulators.ts';

/** A graph of a dashboard, with names and ids of the resources that the local cloud has made. */
export interface Graph {
  /** Logical id of the dashboard, without the hash at its end. */
  readonly dashboard: string;
  readonly title: string;
  readonly lines: readonly Line[];
}

/** One line of a graph, as a console would ask for it. */
export interface Line {
  /** Its label, or else the name of its metric. */
  readonly label: string;
  /** The statistic of a metric; absent for an expression. */
  readonly stat?: string;
  /** The query of the line, first, and those of the metrics that its expression names. */
  readonly queries: readonly MetricDataQuery[];
}

const options = z.strictObject({
  id: z.string().optional(),
  label: z.string().optional(),
  expression: z.string().optional(),
  stat: z.string().optional(),
  period: z.int().positive().optional(),
  visible: z.boolean().default(true),
  color: z.string().optional(),
  yAxis: z.enum(['left', 'right']).optional(),
  region: z.string().optional(),
});
const widget = z.object({
  type: z.string(),
  properties: z.looseObject({
    title: z.string().optional(),
    metrics: z.array(z.array(z.union([z.string(), options]))).optional(),
    period: z.int().optional(),
    stat: z.string().optional(),
  }),
});
const body = z.object({ widgets: z.array(widget) });
type Widget = z.output<typeof widget>;

/** Every graph of every dashboard of an assembly that runs in a cloud. */
export function graphsOf(assemblyDir: string, cloud: Cloud): readonly Graph[] {
  const exports = new Map<string, string>();
  return readAssembly(assemblyDir).stacks.flatMap((definition) => {
    const resources = cloud.stacks.get(definition.name)?.resources ?? new Map();
    const scope = new StackScope(definition, { region: REGION, accountId: ACCOUNT_ID }, resources, exports);
    for (const { exportName, value } of outputsOf(definition, scope)) exports.set(exportName ?? '', value);
    return Object.entries(definition.template.Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type !== 'AWS::CloudWatch::Dashboard') return [];
      return graphsIn(id.replace(/[0-9A-F]{8}$/, ''), String(resolve(Properties.DashboardBody, scope, id)));
    });
  });
}

/** The graphs of a dashboard, by its body. */
export const graphsIn = (dashboard: string, dashboardBody: string): readonly Graph[] =>
  body.parse(JSON.parse(dashboardBody)).widgets.flatMap((one) => graphOf(dashboard, one));

function graphOf(dashboard: string, { properties }: Widget): Graph[] {
  const { title = '', metrics, period, stat } = properties;
  if (metrics === undefined) return [];
  const all = metrics.map((metric, nth) => queryOf(metric, nth, { period, stat }));
  const queries = all.map(({ query }) => query);
  const lines = all
    .filter(({ isVisible }) => isVisible)
    .map(({ query }) => ({
      label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? '',
      ...(query.MetricStat?.Stat === undefined ? {} : { stat: query.MetricStat.Stat }),
      queries: [query, ...namedBy(query, queries)],
    }));
  return [{ dashboard, title, lines }];
}

/** The queries that an expression names, and those that they name. */
function namedBy(query: MetricDataQuery, all: readonly MetricDataQuery[]): MetricDataQuery[] {
  const ids = new Set(query.Expression?.match(/[a-z]\w*/g));
  const named = all.filter((other) => other !== query && ids.has(other.Id ?? ''));
  return [...new Set([...named, ...named.flatMap((other) => namedBy(other, all))])].map((other) => ({
    ...other,
    ReturnData: false,
  }));
}

/** `[namespace, name, dimension, value, ..., options]` or `[options]` (CloudWatch API Reference, "Dashboard body structure and syntax"). */
function queryOf(
  metric: Widget['properties']['metrics'] extends readonly (infer One)[] | undefined ? One : never,
  nth: number,
  ofGraph: { readonly period: number | undefined; readonly stat: string | undefined },
): { readonly query: MetricDataQuery; readonly isVisible: boolean } {
  const names = metric.filter((part) => typeof part === 'string');
  const own = options.parse(metric.find((part) => typeof part !== 'string') ?? {});
  const period = own.period ?? ofGraph.period ?? 300;
  const base = { Id: own.id ?? `line${nth}`, ...(own.label === undefined ? {} : { Label: own.label }) };
  if (own.expression !== undefined) {
    return { query: { ...base, Expression: own.expression, Period: period }, isVisible: own.visible };
  }
  const [Namespace = '', MetricName = '', ...dimensions] = names;
  if (names.some((name) => name === '.' || name === '...')) throw new Error(`${names}: shorthand is not read here`);
  const Dimensions = Array.from({ length: dimensions.length / 2 }, (_, i) => ({
    Name: dimensions[2 * i] ?? '',
    Value: dimensions[2 * i + 1] ?? '',
  }));
  const Stat = own.stat ?? ofGraph.stat ?? 'Average';
  const MetricStat = { Metric: { Namespace, MetricName, Dimensions }, Period: period, Stat };
  return { query: { ...base, MetricStat }, isVisible: own.visible };
}
