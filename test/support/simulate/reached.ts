/** States that a campaign must come through, or it has proven little: those that the protocol's rules exist for. */
export const MILESTONES = {
  'version-conflict': 'a commit lost against another writer and was folded again',
  'own-write-recognised': 'a put whose answer was lost was recognised by `_tx` and `_v`',
  'outbox-sent-again': 'effects in `_out` that no checkpoint proved were sent again',
  'id-evicted': 'an id left `_ids` to make room',
  misrouted: 'an event whose key is not its partition key was rejected',
  'child-shard-waiting': "a child shard with records waited for its parents' end",
  'bisect-to-one-record': 'a batch that failed as a whole was halved down to one record',
  'record-crashes': 'a record that made the function die or hang was rejected as `record.crashes`',
  'discard-after-commit': 'the event source mapping gave up a record that was committed, its effects not all sent',
  'zombie-commit-refused': 'the late commit of an invocation that had been given up was refused',
} as const;

export type Milestone = keyof typeof MILESTONES;

/** Other states worth counting. Their names are free. */
export type Reached = Map<string, number>;

export const reach = (reached: Reached, name: string, times = 1): void => {
  if (times > 0) reached.set(name, (reached.get(name) ?? 0) + times);
};
