import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface SavedQueriesProps {
  /** Their names begin with it: folders of the console are made by slashes. */
  readonly folder: string;
  /** Of the processor's function. */
  readonly logGroup: ILogGroup;
}

interface Question {
  readonly filter: string;
  readonly stats?: string;
  readonly fields?: readonly string[];
}

/**
 * What on-call asks of a processor's log, by name. The function writes one line a batch and one for each blocked key; Lambda
 * itself writes of invocations that failed alone, since its log level is WARN. How long the others take is a metric.
 */
const QUERIES: Readonly<Record<string, Question>> = {
  'blocked keys by cause': {
    filter: 'message = "key blocked"',
    stats: 'count(*) as times, count_distinct(keyHash) as keys, max(@timestamp) as last by code',
  },
  'blocked keys': {
    filter: 'message = "key blocked"',
    fields: ['@timestamp', 'keyHash', 'code', 'cause'],
  },
  'batches that were not finished': {
    filter: 'message = "batch folded in part"',
    fields: ['@timestamp', 'failedFrom', 'records', 'applied', 'blockedKeys', 'brokenBatches'],
  },
  'what became of events, by minute': {
    filter: 'message like /^batch folded/',
    stats:
      'sum(records) as handed, sum(applied) as folded, sum(duplicateById) as repeats, sum(duplicateByPosition) as redelivered, ' +
      'sum(rejected) as refused, sum(puts) as writes, sum(versionConflicts) as conflicts by bin(1m)',
  },
  'errors and time-outs': {
    filter: 'level = "ERROR" or record.status in ["error", "failure", "timeout"]',
    fields: [
      '@timestamp',
      'message',
      'message.errorType',
      'message.errorMessage',
      'record.status',
      'record.metrics.durationMs',
      'record.metrics.maxMemoryUsedMB',
      'record.requestId',
    ],
  },
  'cold starts': {
    filter: 'message like /^batch folded/',
    stats: 'count(*) as invocations, sum(records) as handed by cold_start, bin(5m)',
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
          filterStatements: [filter],
          ...(stats === undefined ? {} : { statsStatements: [stats] }),
          ...(fields === undefined ? {} : { fields: [...fields], sort: '@timestamp desc', limit: 200 }),
        }),
      });
      return queryDefinitionName;
    });
  }
}
