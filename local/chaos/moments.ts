import type { FaultRequest } from '../emulators/front.ts';
import { isPutInto, type Targets } from './rules.ts';

/** A moment of a batch: that of a request of it. */
export interface Moment {
  readonly name: string;
  /** Whether the request still arrives, as that of a dead host may, or is lost with it, or comes after its successor's. */
  readonly request: 'served' | 'lost' | 'late';
  applies(request: FaultRequest): boolean;
}

/** Moments to die at: one for each step of the protocol that a crash may follow. */
export function killPoints({ updatesStream, stateTable, checkpointTable }: Targets): readonly Moment[] {
  const commits = isPutInto('PutItem', stateTable);
  const sends = isPutInto('PutRecords', updatesStream);
  return [
    { name: 'while it reads rows', request: 'lost', applies: ({ operation }) => operation === 'BatchGetItem' },
    { name: 'with a commit on its way', request: 'served', applies: commits },
    { name: 'and commits late', request: 'late', applies: commits },
    { name: 'between commit and effects', request: 'lost', applies: sends },
    { name: 'before its commit arrives', request: 'lost', applies: commits },
    { name: 'after its effects', request: 'served', applies: sends },
    { name: 'before its checkpoint', request: 'lost', applies: isPutInto('PutItem', checkpointTable) },
    { name: 'while it rejects', request: 'served', applies: ({ operation }) => operation === 'SendMessageBatch' },
  ];
}

/** A moment in the midst of a batch. */
export const underWay = ({ stateTable }: Targets): Moment => ({
  name: 'under way',
  request: 'served',
  applies: isPutInto('PutItem', stateTable),
});
