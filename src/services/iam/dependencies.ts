import type { Identity } from "../../identity/index.ts";

/** What the operations of the IAM API work on. */
export interface IamDependencies {
  readonly identity: Identity;
}
