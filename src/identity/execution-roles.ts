/**
 * Roles of functions. Lambda takes a function's role as anyone would: the trust policy has to allow it, and the credentials
 * are those of a session with the function's name. They end with the environments that they are for, and at once when
 * the role is deleted.
 */
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { PolicyPrincipal } from "../security/policy/index.ts";
import type { RoleReference } from "./roles.ts";
import type { Identity } from "./identity.ts";

export interface ExecutionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export interface ExecutionRoles {
  /** Throws InvalidParameterValueException for a role that is not there, or does not trust Lambda. */
  requireRole(wanted: RoleWanted): Promise<void>;
  /** The same for a role that is to be used now. */
  credentialsFor(wanted: RoleWanted): Promise<ExecutionCredentials>;
}

export interface RoleWanted {
  scope: Scope;
  role: string;
  functionArn: string;
}

const lambda: PolicyPrincipal = { kind: "service", service: "lambda.amazonaws.com" };

/** Seconds that credentials outlive the last call of an environment: as long as a call may take. */
const LAST_CALL = 900;
const DAY = 24 * 60 * 60;

/** `environmentMaxAgeMs`: how long an environment takes calls. */
export function createExecutionRoles(
  { roles, sessions }: Pick<Identity, "roles" | "sessions">,
  environmentMaxAgeMs: number,
): ExecutionRoles {
  const seconds = Math.min(30 * DAY, Math.ceil(environmentMaxAgeMs / 1000) + LAST_CALL);

  /** Roles of other accounts cannot be given to functions. */
  async function trusted({ scope, role, functionArn }: RoleWanted): Promise<RoleReference> {
    const keys = { "aws:sourcearn": functionArn, "aws:sourceaccount": scope.account };
    const found = await roles.find(role);
    if (found?.account === scope.account && roles.trusts(found, lambda, "sts:AssumeRole", keys)) return found;
    throw new ServiceError(
      "InvalidParameterValueException",
      "The role defined for the function cannot be assumed by Lambda.",
    );
  }

  return {
    async requireRole(wanted) {
      await trusted(wanted);
    },
    async credentialsFor(wanted) {
      const { role: entity, account } = await trusted(wanted);
      const name = wanted.functionArn.split(":")[6] ?? "";
      return sessions.issue({ account, of: { kind: "role", name: entity.name, id: entity.id }, name }, seconds);
    },
  };
}
