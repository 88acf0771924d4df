/** What the operations on queues share. */
import type { Clock } from "../base/clock.ts";
import type { PrincipalNames } from "../base/principals.ts";
import { ServiceError } from "../base/errors.ts";
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

/** Undefined where there is no such queue. A store that fails is no answer, and rejects. */
export async function findIfThere(domain: QueueDomain, scope: Scope, name: string): Promise<QueueDocument | undefined> {
  try {
    return await domain.find(scope, name);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}
