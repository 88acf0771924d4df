/** What the operations on queues share. */
import type { Clock } from "../base/clock.ts";
import type { PrincipalNames } from "../base/principals.ts";
import type { Scope } from "../base/scope.ts";
import type { Documents, WorkQueue } from "../store/contract.ts";
import type { QueueDocument } from "./contract.ts";
import type { Arrivals } from "./messages/arrivals.ts";

export interface QueueDomain {
  documents: Documents;
  queue: WorkQueue;
  clock: Clock;
  arrivals: Arrivals;
  /** Whether a text is a policy that can be evaluated. */
  isPolicy(text: string): boolean;
  principals: PrincipalNames;
  /** Kept in memory until its document changes. Throws QueueDoesNotExist. */
  find(scope: Scope, name: string): Promise<QueueDocument>;
}
