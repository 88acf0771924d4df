/** Where functions get the credentials of their roles. */
import { systemClock } from "../base/clock.ts";
import type { Config } from "../config/index.ts";
import { createExecutionRoles, type ExecutionRoles, type Identity } from "../identity/index.ts";

export interface OpenedRoles {
  /** Undefined: there are no roles, and functions get credentials that open nothing. */
  executionRoles: ExecutionRoles | undefined;
  /** ms: environments do not outlive their credentials. */
  environmentMaxAgeMs: number;
}

/** ms that a call may take after its environment has taken no more. */
const LAST_CALL_MS = 900_000;

/** The client of a token service elsewhere is loaded by those who have one. */
export async function openExecutionRoles(
  { auth, externalSts, region, environmentMaxAgeMs }: Config,
  identity: Identity,
  opened: AsyncDisposableStack,
): Promise<OpenedRoles> {
  if (externalSts === undefined) {
    const executionRoles = auth === "on" ? createExecutionRoles(identity, environmentMaxAgeMs) : undefined;
    return { executionRoles, environmentMaxAgeMs };
  }
  const { externalRoles, SHARED_MS } = await import("../identity/external-roles.ts");
  const executionRoles = externalRoles({ ...externalSts, region, clock: systemClock });
  opened.defer(() => executionRoles.close());
  const most = externalSts.sessionSeconds * 1000 - LAST_CALL_MS - SHARED_MS;
  return { executionRoles, environmentMaxAgeMs: Math.min(environmentMaxAgeMs, most) };
}
