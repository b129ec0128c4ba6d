import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface SavedQueriesProps {
  /** Their names begin with it: folders of the console are made by slashes. */
  readonly folder: string;
  /** Of the processor's function. */
  readonly logGroup: ILogGroup;
}

/** What on-call asks of a processor's log, by name. The runtime writes one line a batch and one for each blocked key. */
const QUERIES: Readonly<
  Record<string, { readonly filter: readonly string[]; readonly stats?: string; readonly fields?: string[] }>
> = {
  'blocked keys by cause': {
    filter: ['message = "key blocked"'],
    stats: 'count(*) as times, count_distinct(keyHash) as keys, max(@timestamp) as last by code',
  },
  'blocked keys': {
    filter: ['message = "key blocked"'],
    fields: ['@timestamp', 'keyHash', 'code', 'cause'],
  },
  'batches that were not finished': {
    filter: ['message = "batch folded in part"'],
    fields: ['@timestamp', 'failedFrom', 'records', 'applied', 'blockedKeys', 'brokenBatches'],
  },
  'what became of events, by minute': {
    filter: ['message like /^batch folded/'],
    stats:
      'sum(records) as events, sum(applied) as folded, sum(duplicateById) as repeats, sum(rejected) as refused, sum(puts) as writes, sum(versionConflicts) as conflicts by bin(1m)',
  },
  'errors and time-outs': {
    filter: ['level = "ERROR" or record.status in ["error", "timeout"]'],
    fields: ['@timestamp', 'level', 'message', 'record.status', 'record.errorType', 'record.requestId'],
  },
  'slow invocations and cold starts': {
    filter: ['type = "platform.report"'],
    stats:
      'count(*) as invocations, pct(record.metrics.durationMs, 99) as p99, max(record.metrics.initDurationMs) as coldStart, max(record.metrics.maxMemoryUsedMB) as memory by bin(5m)',
  },
};

/** Saved queries of Logs Insights about one processor. */
export class SavedQueries extends Construct {
  /** As the console lists them. */
  readonly names: readonly string[];

  constructor(scope: Construct, id: string, { folder, logGroup }: SavedQueriesProps) {
    super(scope, id);
    this.names = Object.entries(QUERIES).map(([name, { filter, stats, fields }], i) => {
      const queryDefinitionName = `${folder}/${name}`;
      new QueryDefinition(this, `Query${i}`, {
        queryDefinitionName,
        logGroups: [logGroup],
        queryString: new QueryString({
          filterStatements: [...filter],
          ...(stats === undefined ? {} : { statsStatements: [stats] }),
          ...(fields === undefined ? {} : { fields, sort: '@timestamp desc', limit: 200 }),
        }),
      });
      return queryDefinitionName;
    });
  }
}
