import type { Reply } from "../runtime-api/http/reply.ts";

/** By the names that AWS's messages and log lines use. */
export type ExtensionState = "Started" | "Registered" | "Ready" | "Running" | "InitError" | "ExitError" | "LaunchError";

export type LifecycleEvent = "INVOKE" | "SHUTDOWN";

/** One extension of an environment. */
export interface Extension {
  /** UUID: what it shows with every request after its registration. */
  readonly id: string;
  readonly name: string;
  /** A process of its own from /opt/extensions; otherwise a part of the runtime process. */
  readonly external: boolean;
  state: ExtensionState;
  events: readonly LifecycleEvent[];
  /** What it, or its launch, reported. */
  errorType: string | undefined;
  /** Its request for the next event, while that is open. */
  waiting: ((reply: Reply) => void) | undefined;
  /** An event whose request was gone when it came: JSON. */
  missed: string | undefined;
}
