/** What goes to the writer's thread and comes back: plain data that a structured clone takes. */
import type { ReceivedMessage } from "../contract.ts";

export type DocumentWrite =
  | { op: "create"; kind: string; key: string; version: string; value: string }
  | { op: "replace"; kind: string; key: string; version: string; value: string; expected: string }
  | { op: "remove"; kind: string; key: string; expected?: string };

/** Times are ms since the epoch. */
export type QueueWrite =
  | {
      op: "enqueue";
      queue: string;
      body: Uint8Array;
      now: number;
      delay: number;
      group?: string;
      deduplicationId?: string;
    }
  | { op: "receive"; queue: string; max: number; now: number; visibility: number }
  | { op: "acknowledge"; queue: string; receipt: string }
  | { op: "extend"; queue: string; receipt: string; now: number; visibility: number }
  | { op: "giveBack"; queue: string; receipt: string; now: number; delay: number; body?: Uint8Array }
  | { op: "deadLetter"; queue: string; receipt: string; target: string; now: number; body?: Uint8Array }
  | { op: "expire"; queue: string; before: number }
  | { op: "purge"; queue: string };

/** `documents` are all written or none. */
export type Operation = { op: "documents"; writes: DocumentWrite[] } | QueueWrite;

export type Outcome =
  | { conflict: { kind: string; key: string } }
  /** For each write whether it changed something: only a remove may not. */
  | { changed: boolean[] }
  | { id: string }
  | { messages: ReceivedMessage[] }
  | { count: number };

/** An error that leaves the thread: its class does not survive the clone, so its parts travel. */
export interface Failure {
  code: string;
  message: string;
  hint?: string;
}

export type Answer = { ready: true } | { outcomes: Outcome[] } | { failure: Failure };
