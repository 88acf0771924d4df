/** May the caller: every operation says what it needs, and the policies say what is allowed. */
import { ServiceError } from "../../base/errors.ts";
import type { CallContext } from "../../wire/contract.ts";
import type { Authorizer, Permission, PermissionTable } from "../contract.ts";
import {
  bothOf,
  evaluate,
  grantTo,
  PolicyError,
  reasonOf,
  type CompiledPolicy,
  type ConditionKeys,
  type Policies,
  type PolicyCompiler,
} from "../policy/index.ts";
import { accessOf } from "./access.ts";
import { firstOf, keysOf, requestKeys } from "./keys.ts";

export interface AuthorizerOptions {
  /** By the names of services. */
  readonly tables: Readonly<Record<string, PermissionTable>>;
  /** Text of the policy of a resource (function, version, alias, queue) by its ARN; undefined when there is none. */
  readonly policyOf: (arn: string) => Promise<string | undefined>;
  readonly compile: PolicyCompiler;
  /** Tags of a resource by its ARN; undefined for what has none. */
  readonly tagsOf: (arn: string) => Promise<Readonly<Record<string, string>> | undefined>;
}

/** A policy that cannot be read denies everything: it may have been a denial. */
const unreadable: CompiledPolicy = { usesResourceTags: false, decide: () => ({ effect: "deny" }) };

export function createAuthorizer({ tables, policyOf, compile, tagsOf }: AuthorizerOptions): Authorizer {
  function compiled(text: string): CompiledPolicy {
    try {
      return compile(text, "resource");
    } catch (error) {
      if (error instanceof PolicyError) return unreadable;
      throw error;
    }
  }

  async function decide(needed: Permission, context: CallContext): Promise<void> {
    const { caller, sourceIp, userAgent, receivedAt, endpoint } = context;
    const secure = endpoint.startsWith("https:");
    const { action, resource } = needed;
    const access = accessOf(caller);
    const text = needed.ownPolicy === true ? await policyOf(resource) : undefined;
    const own = text === undefined ? undefined : compiled(text);
    const policies = { ...access.policies, resource: withGrants(own, needed) };
    const request = {
      principal: access.principal,
      action,
      resource,
      keys: firstOf(
        needed.keys && keysOf(needed.keys),
        await resourceTags(policies, resource),
        access.keys,
        requestKeys({ sourceIp, userAgent, receivedAt, secure, region: caller.region }),
      ),
    };
    const account = resource.split(":")[4];
    const policyRequired = needed.policyRequired === true && access.principal.kind !== "root";
    const decision = evaluate(request, policies, { policyRequired, ...(isAccount(account) && { account }) });
    if (decision.allowed) return;
    throw new ServiceError(
      "AccessDeniedException",
      `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${reasonOf(decision, action)}`,
      { status: 403 },
    );
  }

  /** Read where a policy asks for them only: most do not. */
  async function resourceTags(policies: Policies, arn: string): Promise<ConditionKeys | undefined> {
    const { identity, boundary, session = [], resource } = policies;
    const asked = [...identity, boundary, ...session, resource].some((policy) => policy?.usesResourceTags === true);
    const tags = asked ? await tagsOf(arn) : undefined;
    if (tags === undefined) return undefined;
    const entries = Object.entries(tags).map(([key, value]): [string, string] => [key.toLowerCase(), value]);
    return keysOf(
      Object.fromEntries(
        entries.flatMap(([key, value]) => [
          [`aws:resourcetag/${key}`, value],
          [`iam:resourcetag/${key}`, value],
        ]),
      ),
    );
  }

  return {
    permit: (context, needed) => decide(needed, context),
    async authorize(context, input) {
      const table = tables[context.service];
      const needs =
        table !== undefined && Object.hasOwn(table, context.operation) ? table[context.operation] : undefined;
      // A test finds these before anybody else does.
      if (needs === undefined) throw new TypeError(`nobody has said who may ${context.service}:${context.operation}`);
      for (const needed of await needs(input as Readonly<Record<string, unknown>>, context))
        await decide(needed, context);
    },
  };
}

function withGrants(
  own: CompiledPolicy | undefined,
  { grantees = [], action }: Permission,
): CompiledPolicy | undefined {
  if (grantees.length === 0) return own;
  const granted = grantTo(grantees, action);
  return own === undefined ? granted : bothOf(own, granted);
}

/** AWS's own resources, such as its managed policies, are in the account `aws`: everybody's. */
function isAccount(text: string | undefined): text is string {
  return text !== undefined && /^\d{12}$/.test(text);
}
