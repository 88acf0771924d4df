/** Concurrency of functions: what is reserved for one, and what is kept ready of a version ahead of its calls. */
import type { Scope } from "../../base/scope.ts";
import type { ProvisionedState } from "../../invoke/contract.ts";

/** Provisioned concurrency of one version or alias, as it is stored in the document of its function. */
export interface ProvisionedConfig {
  /** Environments, at least 1. */
  requested: number;
  /** ms since the epoch. */
  lastModified: number;
}

export interface ProvisionedView extends ProvisionedConfig {
  qualifier: string;
  state: ProvisionedState;
}

/** Everything throws ServiceError with AWS's code and message. */
export interface Concurrency {
  /** Answers with what is reserved now. */
  putReserved(scope: Scope, name: string, reserved: number): Promise<number>;
  /** Undefined when nothing is reserved. */
  getReserved(scope: Scope, name: string): Promise<number | undefined>;
  removeReserved(scope: Scope, name: string): Promise<void>;
  putProvisioned(scope: Scope, name: string, qualifier: string, requested: number): Promise<ProvisionedView>;
  getProvisioned(scope: Scope, name: string, qualifier: string): Promise<ProvisionedView>;
  /** In the order of qualifiers; `after` is the last qualifier of the page before. */
  listProvisioned(
    scope: Scope,
    name: string,
    options: { limit: number; after?: string },
  ): Promise<{ items: ProvisionedView[]; next?: string }>;
  /** Removing what is not there is no error, as long as the version or alias is. */
  removeProvisioned(scope: Scope, name: string, qualifier: string): Promise<void>;
  /** What functions without a reservation may use: AWS's UnreservedConcurrentExecutions. */
  unreserved(scope: Scope): number;
}
