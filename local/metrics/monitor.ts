import { type Clock, systemClock } from '../esm/ports.ts';
import type { AlarmBook, Transition } from './alarm-book.ts';
import { type Notification, notificationOf } from './alarm-message.ts';

/** The edges of a monitor. */
export interface MonitorPorts {
  /** Puts what is measured once a minute into the store: metrics that nothing else emits. */
  sample(): Promise<void>;
  /** Resolves once the target of an alarm action has the notification. */
  notify(actionArn: string, notification: Notification): Promise<void>;
  /** Is told what did not work. The monitor goes on. */
  failed(what: string, error: unknown): void;
}

const MINUTE_MS = 60_000;
/** What belongs to a minute may arrive a little after its end. */
const GRACE_MS = 2_000;

/** Evaluates alarms every minute, as CloudWatch does, and carries out the actions of those that change their state. */
export class Monitor {
  readonly #book: AlarmBook;
  readonly #ports: MonitorPorts;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #underWay: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(book: AlarmBook, ports: MonitorPorts, clock: Clock = systemClock()) {
    this.#book = book;
    this.#ports = ports;
    this.#clock = clock;
  }

  start(): void {
    this.#underWay = this.sample();
    this.#schedule();
  }

  /** Measures what is measured once a minute, now. Never rejects. */
  async sample(): Promise<void> {
    try {
      await this.#ports.sample();
    } catch (error) {
      this.#ports.failed('queues could not be measured', error);
    }
  }

  /** One evaluation, now. Resolves once every notification has arrived or failed. Never rejects. */
  async evaluate(): Promise<readonly Transition[]> {
    const transitions = this.#book.evaluate(this.#clock.now());
    await Promise.all(transitions.map((transition) => this.#act(transition)));
    return transitions;
  }

  async #turn(): Promise<void> {
    await this.evaluate();
    await this.sample();
    this.#schedule();
  }

  /** Ends it once what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#underWay;
  }

  #schedule(): void {
    if (this.#stopped) return;
    const nextMs = (Math.floor((this.#clock.now() - GRACE_MS) / MINUTE_MS) + 1) * MINUTE_MS + GRACE_MS;
    this.#cancel = this.#clock.at(nextMs, () => {
      this.#underWay = this.#turn();
    });
  }

  async #act(transition: Transition): Promise<void> {
    const { alarm, properties } = transition.compiled;
    if (!properties.ActionsEnabled) return;
    const actions = {
      ALARM: properties.AlarmActions,
      OK: properties.OKActions,
      INSUFFICIENT_DATA: properties.InsufficientDataActions,
    }[transition.to.value];
    const notification = notificationOf(transition, this.#book.startedMs);
    for (const action of actions) {
      try {
        await this.#ports.notify(action, notification);
      } catch (error) {
        this.#ports.failed(`alarm ${alarm.name} could not notify ${action}`, error);
      }
    }
  }
}
