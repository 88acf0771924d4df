import type { Delivery } from "./deliver.ts";
import type { Stream, TelemetryEvent } from "./event.ts";
import type { Subscription } from "./subscription.ts";

/** Batches that wait behind the one on its way; events that come when they are full are dropped. */
const MOST_WAITING = 1;
/** ms before a delivery is tried again; doubled each time. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5000;
/** Then the batch is given up: about 20 s. */
const ATTEMPTS = 10;

export interface Dropped {
  records: number;
  bytes: number;
  reason: string;
}

const BEHIND = "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.";
const UNREACHABLE = "Some logs were dropped because the consumer could not be reached.";

interface Batch {
  events: string[];
  bytes: number;
}

/**
 * One extension's buffer and the way to it. What it holds is bounded by its own settings: a batch that fills, one that
 * waits, one that is on its way.
 */
export class Subscriber {
  readonly subscription: Subscription;
  readonly #delivery: Delivery;
  readonly #dropped: (dropped: Dropped) => void;
  #filling: Batch = { events: [], bytes: 0 };
  readonly #waiting: Batch[] = [];
  #sending: Promise<void> | undefined;
  #lost: Dropped | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryNow: (() => void) | undefined;
  #closed = false;

  /** @param dropped Told of what was lost, as soon as events get through again. */
  constructor(subscription: Subscription, delivery: Delivery, dropped: (dropped: Dropped) => void) {
    this.subscription = subscription;
    this.#delivery = delivery;
    this.#dropped = dropped;
  }

  wants(stream: Stream): boolean {
    return this.subscription.types.includes(stream);
  }

  /** Writes the event for this subscriber, if its API and schema have it. */
  add(event: TelemetryEvent): void {
    if (this.#closed || !this.wants(event.stream)) return;
    const record = this.#recordOf(event);
    if (record === undefined) return;
    const { maxItems, maxBytes, timeoutMs } = this.subscription.buffering;
    const text = JSON.stringify({ time: new Date(event.timeMs).toISOString(), type: event.type, record });
    const bytes = Buffer.byteLength(text);
    const batch = this.#filling;
    const full = batch.events.length >= maxItems || batch.bytes >= maxBytes;
    if (full && this.#waiting.length >= MOST_WAITING) {
      this.#lose({ events: [text], bytes }, BEHIND);
      return;
    }
    if (full) this.#seal();
    this.#filling.events.push(text);
    this.#filling.bytes += bytes;
    if (this.#filling.events.length >= maxItems || this.#filling.bytes >= maxBytes) {
      if (this.#waiting.length < MOST_WAITING) this.#seal();
    } else this.#timer ??= setTimeout(() => this.#seal(), timeoutMs).unref();
  }

  /** Sends what is there without waiting; resolves when all has been delivered or given up. */
  async flush(): Promise<void> {
    this.#retryNow?.();
    while (!this.#closed && (this.#sending !== undefined || this.#filling.events.length > 0)) {
      this.#seal();
      await this.#sending;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#delivery.close();
    this.#retryNow?.();
  }

  #recordOf({ type, record, logsRecord }: TelemetryEvent): unknown {
    const { api, schemaVersion } = this.subscription;
    if (api === "telemetry") {
      // Lines stay text in the first version of the schema.
      return schemaVersion === "2022-07-01" && (type === "function" || type === "extension") ? logsRecord : record;
    }
    return type === "platform.runtimeDone" && schemaVersion === "2020-08-15" ? undefined : logsRecord;
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#filling.events.length > 0 && this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(this.#filling);
      this.#filling = { events: [], bytes: 0 };
    }
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      // What came meanwhile, and found no timer because its batch was full.
      const due = this.#waiting.length > 0 || (this.#filling.events.length > 0 && this.#timer === undefined);
      if (due && !this.#closed) this.#seal();
    });
  }

  async #send(): Promise<void> {
    for (let batch = this.#waiting.shift(); batch !== undefined && !this.#closed; batch = this.#waiting.shift()) {
      if (!(await this.#arrives(batch))) this.#lose(batch, UNREACHABLE);
      else this.#confess();
    }
  }

  async #arrives({ events }: Batch): Promise<boolean> {
    let pauseMs = FIRST_RETRY_MS;
    for (let attempt = 0; attempt < ATTEMPTS && !this.#closed; attempt++) {
      try {
        await this.#delivery.deliver(events);
        return true;
      } catch {
        await this.#pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LAST_RETRY_MS);
      }
    }
    return false;
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#retryNow = undefined;
  }

  #lose({ events, bytes }: Batch, reason: string): void {
    this.#lost ??= { records: 0, bytes: 0, reason };
    this.#lost.records += events.length;
    this.#lost.bytes += bytes;
  }

  #confess(): void {
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost !== undefined) this.#dropped(lost);
  }
}
