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
import { firstOf, keysOf, requestKeys, type RequestFacts } from "./keys.ts";

export interface AuthorizerOptions {
  /** By the names of services; one that takes long to load says where it comes from, and keeps it. */
  readonly tables: Readonly<Record<string, PermissionTable | (() => Promise<PermissionTable>)>>;
  /** Text of the policy of a resource (function, version, alias, queue) by its ARN; undefined when there is none. */
  readonly policyOf: (arn: string) => string | undefined | Promise<string | undefined>;
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

  // Nearly always all of this is known already: then nobody waits for anything.
  function decide(needed: Permission, context: CallContext): void | Promise<void> {
    const text = needed.ownPolicy === true ? policyOf(needed.resource) : undefined;
    return text instanceof Promise
      ? text.then((read) => decideBy(read, needed, context))
      : decideBy(text, needed, context);
  }

  function decideBy(text: string | undefined, needed: Permission, context: CallContext): void | Promise<void> {
    const own = text === undefined ? undefined : compiled(text);
    const policies = { ...accessOf(context.caller).policies, resource: withGrants(own, needed) };
    // Read where a policy asks for them only: most do not.
    if (!asksForTags(policies)) return judge(policies, undefined, needed, context);
    return tagsOf(needed.resource).then((tags) => judge(policies, tags && tagKeys(tags), needed, context));
  }

  async function decideAll(all: readonly Permission[], context: CallContext): Promise<void> {
    for (const needed of all) await decide(needed, context);
  }

  function ask(table: PermissionTable | undefined, context: CallContext, input: unknown): void | Promise<void> {
    const needs = table !== undefined && Object.hasOwn(table, context.operation) ? table[context.operation] : undefined;
    // A test finds these before anybody else does.
    if (needs === undefined) throw new TypeError(`nobody has said who may ${context.service}:${context.operation}`);
    const all = needs(input as Readonly<Record<string, unknown>>, context);
    if (all instanceof Promise) return all.then((known) => decideAll(known, context));
    const [first] = all;
    return first !== undefined && all.length === 1 ? decide(first, context) : decideAll(all, context);
  }

  return {
    permit: (context, needed) => decide(needed, context),
    authorize(context, input) {
      const table = tables[context.service];
      return typeof table === "function"
        ? table().then((loaded) => ask(loaded, context, input))
        : ask(table, context, input);
    },
  };
}

/** Throws ServiceError AccessDeniedException. */
function judge(policies: Policies, tags: ConditionKeys | undefined, needed: Permission, context: CallContext): void {
  const { caller } = context;
  const { action, resource } = needed;
  const { principal, keys: ofCaller } = accessOf(caller);
  const keys = firstOf(needed.keys && keysOf(needed.keys), tags, ofCaller, (name) =>
    requestKeys(factsOf(context))(name),
  );
  const account = resource.split(":", 5)[4];
  const policyRequired = needed.policyRequired === true && principal.kind !== "root";
  const facts = { policyRequired, ...(isAccount(account) && { account }) };
  const decision = evaluate({ principal, action, resource, keys }, policies, facts);
  if (decision.allowed) return;
  throw new ServiceError(
    "AccessDeniedException",
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${reasonOf(decision, action)}`,
    { status: 403 },
  );
}

/** Made for policies that ask for one of them. */
function factsOf({ caller, sourceIp, userAgent, receivedAt, endpoint }: CallContext): RequestFacts {
  return { sourceIp, userAgent, receivedAt, secure: endpoint.startsWith("https:"), region: caller.region };
}

function asksForTags({ identity, boundary, session, resource }: Policies): boolean {
  return (
    identity.some(usesTags) ||
    boundary?.usesResourceTags === true ||
    session?.some(usesTags) === true ||
    resource?.usesResourceTags === true
  );
}

function usesTags({ usesResourceTags }: CompiledPolicy): boolean {
  return usesResourceTags;
}

function tagKeys(tags: Readonly<Record<string, string>>): ConditionKeys {
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
