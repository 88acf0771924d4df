/** What a suite needs of an implementation. */
import type { Store } from "../contract.ts";

export interface Subject {
  /** Empty and of its own. */
  store: Store;
  /** Lets `ms` pass for the store: a clock that jumps, or a real wait. */
  pass: (ms: number) => Promise<void>;
  /** Closes the store and removes what it left. */
  close(): Promise<void>;
}

export type OpenSubject = () => Promise<Subject>;

/** Runs `body` with a subject of its own and closes it, also when `body` throws. */
export async function withSubject(open: OpenSubject, body: (subject: Subject) => Promise<void>): Promise<void> {
  const subject = await open();
  try {
    await body(subject);
  } finally {
    await subject.close();
  }
}
