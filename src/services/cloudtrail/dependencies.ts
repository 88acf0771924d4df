/** What the operations work on. */
import type { AuditLog, Trails } from "../../security/contract.ts";

export interface CloudTrailDependencies {
  readonly log: AuditLog;
  readonly trails: Trails;
  /** ms since the epoch. */
  readonly clock: () => number;
}
