import { createDelivery, type Connect } from "./deliver.ts";
import type { TelemetryEvent } from "./event.ts";
import { Subscriber, type Dropped } from "./subscriber.ts";
import type { Subscription } from "./subscription.ts";

/** What is kept for those who subscribe later in the init phase. */
const MOST_KEPT = 1000;
const MOST_KEPT_BYTES = 256 * 1024;
const EVENT_BYTES = 256;

export interface TelemetryListener {
  subscribed(name: string, subscription: Subscription, again: boolean): void;
  dropped(dropped: Dropped): void;
}

/** `again`: it has that subscription already. `other`: it has one of the other API. `closed`: the init phase is over. */
export type SubscribeOutcome = "subscribed" | "again" | "other" | "closed";

/** The telemetry of one guest, from its start to its end: who has subscribed, and what goes to them. */
export class Telemetry {
  listener: TelemetryListener | undefined;
  readonly #connect: Connect;
  readonly #subscribers = new Map<string, Subscriber>();
  #kept: TelemetryEvent[] | undefined = [];
  #keptBytes = 0;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Whether anybody hears events now, or may ask for them yet. */
  get active(): boolean {
    return this.#kept !== undefined || this.#subscribers.size > 0;
  }

  publish(event: TelemetryEvent): void {
    for (const subscriber of this.#subscribers.values()) subscriber.add(event);
    this.#keep(event);
  }

  #keep(event: TelemetryEvent): void {
    if (this.#kept === undefined || this.#kept.length >= MOST_KEPT) return;
    const { record } = event;
    const bytes = typeof record === "string" ? record.length : EVENT_BYTES;
    if (this.#keptBytes + bytes > MOST_KEPT_BYTES) return;
    this.#kept.push(event);
    this.#keptBytes += bytes;
  }

  subscribe(name: string, subscription: Subscription): SubscribeOutcome {
    const before = this.#subscribers.get(name)?.subscription;
    if (this.#kept === undefined) return "closed";
    if (before !== undefined && before.api !== subscription.api) return "other";
    if (before === undefined) {
      const delivery = createDelivery(subscription.destination, this.#connect);
      const subscriber = new Subscriber(subscription, delivery, (dropped) => this.listener?.dropped(dropped));
      for (const event of this.#kept) subscriber.add(event);
      this.#subscribers.set(name, subscriber);
    }
    this.listener?.subscribed(name, subscription, before !== undefined);
    return before === undefined ? "subscribed" : "again";
  }

  /** The init phase is over: nobody can subscribe any more. */
  close(): void {
    this.#kept = undefined;
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#subscribers.values()].map((subscriber) => subscriber.flush()));
  }

  end(): void {
    this.close();
    for (const subscriber of this.#subscribers.values()) subscriber.close();
    this.#subscribers.clear();
  }
}
