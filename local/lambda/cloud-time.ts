/** Time that runs with the machine's, set ahead. */
export interface CloudTime {
  /** @param aheadMs milliseconds before the machine's clock. */
  setAhead(aheadMs: number): void;
}

/** From now on `Date` tells the cloud's time in this realm, also to what has kept `Date.now` for itself. Timers keep to the machine's. */
export function followCloudTime(aheadMs: number): CloudTime {
  const MachineDate = Date;
  const machineNow = Date.now;
  let ahead = aheadMs;
  const now = (): number => machineNow() + ahead;
  globalThis.Date = new Proxy(MachineDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new MachineDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
  return {
    setAhead: (next) => {
      ahead = next;
    },
  };
}
