/**
 * Several policies together, as a table.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  compilePolicy,
  evaluate,
  parsePolicy,
  reasonOf,
  type CompiledPolicy,
  type Policies,
  type PolicyPrincipal,
  type PolicyRequest,
  type ResourceFacts,
} from "../../../src/security/policy/index.ts";

const fn = "arn:aws:lambda:eu-central-1:123456789012:function:orders";
const keys = () => undefined;
const principals = {
  user: {
    kind: "user",
    account: "123456789012",
    arn: "arn:aws:iam::123456789012:user/alice",
    id: "AIDAEXAMPLEALICE0001",
  },
  session: {
    kind: "session",
    account: "123456789012",
    arn: "arn:aws:sts::123456789012:assumed-role/deploy/run",
    roleArn: "arn:aws:iam::123456789012:role/deploy",
    roleId: "AROAEXAMPLEDEPLOY001",
  },
  root: { kind: "root", account: "123456789012", arn: "arn:aws:iam::123456789012:root" },
  foreign: {
    kind: "user",
    account: "999999999999",
    arn: "arn:aws:iam::999999999999:user/eve",
    id: "AIDAEXAMPLEEVE000001",
  },
  foreignRoot: { kind: "root", account: "999999999999", arn: "arn:aws:iam::999999999999:root" },
  service: { kind: "service", service: "sns.amazonaws.com" },
  anonymous: { kind: "anonymous" },
} as const satisfies Record<string, PolicyPrincipal>;

type Said = "allow" | "deny" | "other";

/** A policy that allows, denies, or is about something else. */
function policy(said: Said, principal?: unknown): CompiledPolicy {
  const Statement = {
    Effect: said === "deny" ? "Deny" : "Allow",
    Action: said === "other" ? "s3:GetObject" : "lambda:InvokeFunction",
    Resource: "*",
    ...(principal === undefined ? {} : { Principal: principal }),
  };
  return compilePolicy(
    parsePolicy(
      JSON.stringify({ Version: "2012-10-17", Statement }),
      principal === undefined ? "identity" : "resource",
    ),
  );
}

const to = {
  user: { AWS: principals.user.arn },
  role: { AWS: principals.session.roleArn },
  session: { AWS: principals.session.arn },
  account: { AWS: "123456789012" },
  foreign: { AWS: principals.foreign.arn },
  foreignAccount: { AWS: "999999999999" },
  everyone: "*",
  service: { Service: "sns.amazonaws.com" },
};

interface Case {
  readonly who: keyof typeof principals;
  readonly identity?: readonly Said[];
  readonly boundary?: Said;
  readonly session?: readonly Said[];
  readonly resource?: readonly [Said, keyof typeof to];
  readonly required?: boolean;
  /** `allowed`, or why not. */
  readonly gets: string;
}

const cases: readonly Case[] = [
  // Identity policies alone.
  { who: "user", gets: "because no identity-based policy allows" },
  { who: "user", identity: ["allow"], gets: "allowed" },
  { who: "user", identity: ["other"], gets: "because no identity-based policy allows" },
  { who: "user", identity: ["other", "allow"], gets: "allowed" },
  { who: "user", identity: ["deny"], gets: "with an explicit deny in an identity-based policy" },
  { who: "user", identity: ["allow", "deny"], gets: "with an explicit deny in an identity-based policy" },
  { who: "user", identity: ["deny", "allow"], gets: "with an explicit deny in an identity-based policy" },
  { who: "session", identity: ["allow"], gets: "allowed" },
  { who: "session", gets: "because no identity-based policy allows" },
  { who: "root", gets: "allowed" },
  // Boundaries allow nothing by themselves.
  { who: "user", identity: ["allow"], boundary: "allow", gets: "allowed" },
  { who: "user", identity: ["allow"], boundary: "other", gets: "because no permissions boundary allows" },
  { who: "user", identity: ["other"], boundary: "allow", gets: "because no identity-based policy allows" },
  { who: "user", boundary: "allow", gets: "because no identity-based policy allows" },
  { who: "user", identity: ["allow"], boundary: "deny", gets: "with an explicit deny in a permissions boundary" },
  { who: "session", identity: ["allow"], boundary: "other", gets: "because no permissions boundary allows" },
  // Session policies.
  { who: "session", identity: ["allow"], session: ["allow"], gets: "allowed" },
  { who: "session", identity: ["allow"], session: ["other"], gets: "because no session policy allows" },
  { who: "session", identity: ["allow"], session: [], gets: "because no session policy allows" },
  { who: "session", identity: ["allow"], session: ["other", "allow"], gets: "allowed" },
  { who: "session", identity: ["other"], session: ["allow"], gets: "because no identity-based policy allows" },
  { who: "session", identity: ["allow"], session: ["deny"], gets: "with an explicit deny in a session policy" },
  { who: "session", identity: ["allow"], boundary: "allow", session: ["allow"], gets: "allowed" },
  {
    who: "session",
    identity: ["allow"],
    boundary: "allow",
    session: ["other"],
    gets: "because no session policy allows",
  },
  {
    who: "session",
    identity: ["allow"],
    boundary: "other",
    session: ["allow"],
    gets: "because no permissions boundary allows",
  },
  // Resource policies in one account.
  { who: "user", resource: ["allow", "user"], gets: "allowed" },
  { who: "user", resource: ["allow", "user"], boundary: "other", gets: "allowed" },
  {
    who: "user",
    resource: ["allow", "user"],
    boundary: "deny",
    gets: "with an explicit deny in a permissions boundary",
  },
  {
    who: "user",
    resource: ["allow", "user"],
    identity: ["deny"],
    gets: "with an explicit deny in an identity-based policy",
  },
  {
    who: "user",
    resource: ["deny", "user"],
    identity: ["allow"],
    gets: "with an explicit deny in a resource-based policy",
  },
  { who: "user", resource: ["allow", "account"], gets: "because no identity-based policy allows" },
  { who: "user", resource: ["allow", "account"], identity: ["allow"], gets: "allowed" },
  {
    who: "user",
    resource: ["deny", "account"],
    identity: ["allow"],
    gets: "with an explicit deny in a resource-based policy",
  },
  { who: "user", resource: ["allow", "role"], gets: "because no identity-based policy allows" },
  { who: "user", resource: ["allow", "everyone"], gets: "allowed" },
  { who: "user", resource: ["allow", "everyone"], boundary: "other", gets: "because no permissions boundary allows" },
  { who: "user", resource: ["other", "user"], identity: ["allow"], gets: "allowed" },
  { who: "session", resource: ["allow", "role"], gets: "allowed" },
  { who: "session", resource: ["allow", "role"], boundary: "other", gets: "because no permissions boundary allows" },
  { who: "session", resource: ["allow", "role"], session: ["other"], gets: "because no session policy allows" },
  { who: "session", resource: ["allow", "role"], boundary: "allow", session: ["allow"], gets: "allowed" },
  { who: "session", resource: ["allow", "session"], boundary: "other", session: ["other"], gets: "allowed" },
  { who: "session", resource: ["allow", "account"], gets: "because no identity-based policy allows" },
  {
    who: "session",
    resource: ["deny", "role"],
    identity: ["allow"],
    gets: "with an explicit deny in a resource-based policy",
  },
  { who: "root", resource: ["deny", "everyone"], gets: "with an explicit deny in a resource-based policy" },
  { who: "root", resource: ["allow", "account"], gets: "allowed" },
  // Roles that are to be taken, and keys: their own policy has to allow.
  { who: "user", identity: ["allow"], required: true, gets: "because no resource-based policy allows" },
  {
    who: "user",
    identity: ["allow"],
    required: true,
    resource: ["other", "user"],
    gets: "because no resource-based policy allows",
  },
  { who: "user", required: true, resource: ["allow", "user"], gets: "allowed" },
  { who: "user", required: true, resource: ["allow", "account"], gets: "because no identity-based policy allows" },
  { who: "user", identity: ["allow"], required: true, resource: ["allow", "account"], gets: "allowed" },
  { who: "root", required: true, gets: "because no resource-based policy allows" },
  { who: "root", required: true, resource: ["allow", "account"], gets: "allowed" },
  // From another account, both sides.
  { who: "foreign", identity: ["allow"], gets: "because no resource-based policy allows" },
  { who: "foreign", resource: ["allow", "foreign"], gets: "because no identity-based policy allows" },
  { who: "foreign", identity: ["allow"], resource: ["allow", "foreign"], gets: "allowed" },
  { who: "foreign", identity: ["allow"], resource: ["allow", "foreignAccount"], gets: "allowed" },
  { who: "foreign", identity: ["allow"], resource: ["allow", "everyone"], gets: "allowed" },
  { who: "foreign", resource: ["allow", "everyone"], gets: "because no identity-based policy allows" },
  {
    who: "foreign",
    identity: ["allow"],
    resource: ["allow", "account"],
    gets: "because no resource-based policy allows",
  },
  {
    who: "foreign",
    identity: ["deny"],
    resource: ["allow", "foreign"],
    gets: "with an explicit deny in an identity-based policy",
  },
  {
    who: "foreign",
    identity: ["allow"],
    resource: ["deny", "foreign"],
    gets: "with an explicit deny in a resource-based policy",
  },
  {
    who: "foreign",
    identity: ["allow"],
    boundary: "other",
    resource: ["allow", "foreign"],
    gets: "because no permissions boundary allows",
  },
  { who: "foreignRoot", gets: "because no resource-based policy allows" },
  { who: "foreignRoot", resource: ["allow", "foreignAccount"], gets: "allowed" },
  // Services and whoever has no identity have only what the resource says.
  { who: "service", gets: "because no resource-based policy allows" },
  { who: "service", resource: ["allow", "service"], gets: "allowed" },
  { who: "service", resource: ["deny", "service"], gets: "with an explicit deny in a resource-based policy" },
  { who: "service", resource: ["allow", "account"], gets: "because no resource-based policy allows" },
  { who: "anonymous", resource: ["allow", "everyone"], gets: "allowed" },
  { who: "anonymous", resource: ["allow", "account"], gets: "because no resource-based policy allows" },
  { who: "anonymous", gets: "because no resource-based policy allows" },
];

function request(principal: PolicyPrincipal): PolicyRequest {
  return { principal, action: "lambda:InvokeFunction", resource: fn, keys };
}

for (const { who, identity = [], boundary, session, resource, required, gets } of cases) {
  const said = JSON.stringify({ identity, boundary, session, resource, required });
  test(`${who} with ${said}: ${gets}`, () => {
    const policies: Policies = {
      identity: identity.map((one) => policy(one)),
      boundary: boundary && policy(boundary),
      session: session?.map((one) => policy(one)),
      resource: resource && policy(resource[0], to[resource[1]]),
    };
    const facts: ResourceFacts = { account: "123456789012", policyRequired: required === true };
    const decision = evaluate(request(principals[who]), policies, facts);
    const told = decision.allowed ? "allowed" : reasonOf(decision, "lambda:InvokeFunction");
    assert.ok(told.startsWith(gets), told);
  });
}

// What holds for all policies there can be.
const star = fc.constantFrom("*", "lambda:*", "lambda:InvokeFunction", "lambda:Get*", "s3:*");
const resourceText = fc.constantFrom("*", fn, "arn:aws:lambda:*:*:function:*", "arn:aws:s3:::x");
const named = fc.constantFrom(...Object.values(to));
const condition = fc.constantFrom(
  {},
  { StringEquals: { "a:b": "c" } },
  { Null: { "a:b": "true" } },
  { StringNotEquals: { "a:b": "c" } },
);
const statement = (effect: fc.Arbitrary<string>) =>
  fc.record({ Effect: effect, Action: star, Resource: resourceText, Condition: condition }, { noNullPrototype: true });
const anyEffect = fc.constantFrom("Allow", "Deny");
type Statement = Record<string, unknown>;
const identityStatements = (effect = anyEffect as fc.Arbitrary<string>) =>
  fc.array(statement(effect), { minLength: 1, maxLength: 4 });
const resourceStatements = fc.array(
  fc.tuple(statement(anyEffect), named).map(([one, Principal]): Statement => ({ ...one, Principal })),
  { minLength: 1, maxLength: 3 },
);
const compiled = (statements: readonly Statement[], kind: "identity" | "resource" = "identity") =>
  compilePolicy(parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), kind));

const situation = fc.record({
  who: fc.constantFrom(...Object.values(principals)),
  identity: fc.array(identityStatements(), { maxLength: 3 }),
  boundary: fc.option(identityStatements(), { nil: undefined }),
  session: fc.option(fc.array(identityStatements(), { maxLength: 2 }), { nil: undefined }),
  resource: fc.option(resourceStatements, { nil: undefined }),
  required: fc.boolean(),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function decide({ who, identity, boundary, session, resource, required }: Situation): boolean {
  return evaluate(
    request(who),
    {
      identity: identity.map((one) => compiled(one)),
      boundary: boundary && compiled(boundary),
      session: session?.map((one) => compiled(one)),
      resource: resource && compiled(resource, "resource"),
    },
    { account: "123456789012", policyRequired: required },
  ).allowed;
}

const denyAll = { Effect: "Deny", Action: "*", Resource: "*" };

test("a denial anywhere wins over everything", () => {
  fc.assert(
    fc.property(situation, fc.constantFrom("identity", "boundary", "session", "resource"), (given, layer) => {
      const changed: Situation = {
        ...given,
        ...(layer === "identity" && { identity: [...given.identity, [denyAll as never]] }),
        ...(layer === "boundary" && { boundary: [...(given.boundary ?? []), denyAll as never] }),
        ...(layer === "session" && { session: [...(given.session ?? []), [denyAll as never]] }),
        ...(layer === "resource" && { resource: [...(given.resource ?? []), { ...denyAll, Principal: "*" }] }),
      };
      assert.equal(decide(changed), false);
    }),
    { numRuns: 500 },
  );
});

test("one more Allow never takes anything away, one more Deny never gives anything", () => {
  fc.assert(
    fc.property(situation, identityStatements(fc.constant("Allow")), resourceStatements, (given, more, resource) => {
      const before = decide(given);
      const onlyAllow = resource.map((one) => ({ ...one, Effect: "Allow" }));
      const wider = [
        { ...given, identity: [...given.identity, more] },
        ...(given.resource === undefined ? [] : [{ ...given, resource: [...given.resource, ...onlyAllow] }]),
        ...(given.boundary === undefined ? [] : [{ ...given, boundary: [...given.boundary, ...more] }]),
      ];
      if (before) for (const after of wider) assert.equal(decide(after), true);
      const denials = more.map((one) => ({ ...one, Effect: "Deny" }));
      if (!before) assert.equal(decide({ ...given, identity: [...given.identity, denials] }), false);
    }),
    { numRuns: 500 },
  );
});

test("the order of policies and statements does not matter", () => {
  fc.assert(
    fc.property(situation, (given) => {
      const turned: Situation = {
        ...given,
        identity: given.identity.toReversed().map((one) => one.toReversed()),
        boundary: given.boundary?.toReversed(),
        session: given.session?.toReversed().map((one) => one.toReversed()),
        resource: given.resource?.toReversed(),
      };
      assert.equal(decide(turned), decide(given));
    }),
    { numRuns: 500 },
  );
});
