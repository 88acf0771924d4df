import type { Identity } from "../../identity/index.ts";

/** What the operations of the STS API work on. */
export interface StsDependencies {
  readonly identity: Identity;
}
