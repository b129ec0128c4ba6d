/** Settings of a stage, as `-c key=value` gives them. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** Brings a stage to an endpoint and away again. */
export interface Deployment {
  /** Deploys the stage, or what has changed of it. @throws with what the tool said. */
  deploy(settings: Settings): Promise<void>;
  /** Deletes every stack of the stage. @throws with what the tool said. */
  destroy(): Promise<void>;
}

/** Settings of every stage that the suite deploys: it has all parts, goes away whole, and costs little. */
export const SUITE_SETTINGS: Settings = {
  streamMode: 'provisioned',
  shards: 2,
  protectData: false,
  logRetentionDays: 1,
  batchingWindowSeconds: 0,
  leaveOut: '[]',
};
