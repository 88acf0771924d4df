/**
 * Tumbling windows: calls of one window hand a state on to the next one, and a last call ends the window.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
import type { TumblingState } from "./checkpoints.ts";
import type { StreamRecord } from "./contract.ts";

/** Of the state as JSON text, 1 MB: a window with a larger one ends early. */
const MAX_STATE_BYTES = 1024 * 1024;

export interface Tumbling {
  readonly current: TumblingState | undefined;
  /** Whether the record belongs to the current window; to any, when there is none. */
  holds(record: StreamRecord): boolean;
  isTogether(first: StreamRecord, record: StreamRecord): boolean;
  /** Opens the record's window unless one is open. */
  open(record: StreamRecord): TumblingState;
  /** What the function answered for records of the window. Answers whether the window has to end at once. */
  keep(payload: Uint8Array): boolean;
  /** Ends the window: its last call has succeeded or is given up. */
  end(): void;
  /** Makes the last call of the window, until it succeeds or is given up. */
  close(early?: boolean): Promise<void>;
}

export interface TumblingOptions {
  windowMs: number;
  /** From the shard's checkpoint. */
  current: TumblingState | undefined;
  last: (window: TumblingState, early: boolean) => Promise<void>;
}

export function createTumbling({ windowMs, current: restored, last }: TumblingOptions): Tumbling {
  let current = restored;
  const startOf = ({ arrivedAt }: StreamRecord): number => Math.floor(arrivedAt / windowMs) * windowMs;
  return {
    get current() {
      return current;
    },
    // Clocks of a stream's servers differ a little: a record of an earlier window counts for the current one.
    holds: (record) => current === undefined || record.arrivedAt < current.end,
    isTogether: (first, record) => record.arrivedAt < Math.max(current?.end ?? 0, startOf(first) + windowMs),
    open(record) {
      const start = startOf(record);
      return (current ??= { start, end: start + windowMs, state: {} });
    },
    keep(payload) {
      if (current === undefined) return false;
      const state = stateOf(payload);
      current = { ...current, state };
      return Buffer.byteLength(JSON.stringify(state)) > MAX_STATE_BYTES;
    },
    end: () => void (current = undefined),
    async close(early = false) {
      if (current !== undefined) await last(current, early);
    },
  };
}

function stateOf(payload: Uint8Array): unknown {
  try {
    const answer: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    return (answer as { state?: unknown } | null)?.state ?? {};
  } catch {
    return {};
  }
}

/** Members of the event beside its records. */
export function windowMembers(
  { start, end, state }: TumblingState,
  about: { shardId: string; arn: string; final: boolean; early: boolean },
): Record<string, unknown> {
  return {
    window: { start: instant(start), end: instant(end) },
    state,
    shardId: about.shardId,
    eventSourceARN: about.arn,
    isFinalInvokeForWindow: about.final,
    isWindowTerminatedEarly: about.early,
  };
}

/** Without fractions of a second, as AWS writes them. */
const instant = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
