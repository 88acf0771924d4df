/** Taking a role: who may, for how long, and with what. */
import type { CallContext } from "../wire/contract.ts";
import { accessOf } from "../security/access/access.ts";
import { firstOf, keysOf, requestKeys } from "../security/access/keys.ts";
import { evaluate, PolicyError, type PolicyCompiler, type PolicyPrincipal } from "../security/policy/index.ts";
import type { Documents } from "../store/contract.ts";
import type { Entity } from "./contract.ts";
import { ENTITY, entityKey } from "./documents.ts";

export interface RoleReference {
  readonly account: string;
  readonly role: Entity;
}

/** Condition keys of a request by their names in lower case. */
export type KeyValues = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Roles {
  /** False while authentication is off: then everybody may take every role. */
  readonly enforced: boolean;
  /** The role of this ARN, with its path; undefined when there is none. */
  find(arn: string): Promise<RoleReference | undefined>;
  /** Whether the caller of an STS action may have a session of the role. */
  mayAssume(context: CallContext, wanted: RoleReference, action: string, keys: KeyValues): boolean;
  /** Whether the role lets somebody who has no policies of its own take it: a service, or who came with a web identity. */
  trusts(wanted: RoleReference, principal: PolicyPrincipal, action: string, keys?: KeyValues): boolean;
}

const roleArn = /^arn:aws[a-z-]*:iam::(\d{12}):role(\/(?:.*\/)?)([^/]+)$/;

export function createRoles(documents: Documents, compile: PolicyCompiler, enforced: boolean): Roles {
  const trustOf = ({ role }: RoleReference) => {
    try {
      return compile(role.role?.trust ?? "", "trust");
    } catch (error) {
      // What cannot be read allows nobody.
      if (error instanceof PolicyError) return undefined;
      throw error;
    }
  };
  return {
    enforced,
    async find(arn) {
      const [, account = "", , name = ""] = roleArn.exec(arn) ?? [];
      if (name === "") return undefined;
      const role = (await documents.get<Entity>(ENTITY, entityKey(account, "role", name)))?.value;
      return role?.arn === arn ? { account, role } : undefined;
    },
    mayAssume(context, wanted, action, keys) {
      if (!enforced) return true;
      const { caller, sourceIp, userAgent, receivedAt, endpoint } = context;
      const secure = endpoint.startsWith("https:");
      const access = accessOf(caller);
      const request = {
        principal: access.principal,
        action,
        resource: wanted.role.arn,
        keys: firstOf(
          keysOf(keys),
          access.keys,
          requestKeys({ sourceIp, userAgent, receivedAt, secure, region: caller.region }),
        ),
      };
      const facts = { account: wanted.account, policyRequired: true };
      return evaluate(request, { ...access.policies, resource: trustOf(wanted) }, facts).allowed;
    },
    trusts(wanted, principal, action, keys = {}) {
      const request = { principal, action, resource: wanted.role.arn, keys: keysOf(keys) };
      const facts = { account: wanted.account, policyRequired: true };
      return evaluate(request, { identity: [], resource: trustOf(wanted) }, facts).allowed;
    },
  };
}
