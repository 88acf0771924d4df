/** Actions, resources, variables and principals of a single statement, as a table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePolicy, parsePolicy, type PolicyPrincipal } from "../../../src/security/policy/index.ts";

const fn = "arn:aws:lambda:eu-central-1:123456789012:function:orders";
const user: PolicyPrincipal = {
  kind: "user",
  account: "123456789012",
  arn: "arn:aws:iam::123456789012:user/dev/alice",
  id: "AIDAEXAMPLEALICE0001",
};
const session: PolicyPrincipal = {
  kind: "session",
  account: "123456789012",
  arn: "arn:aws:sts::123456789012:assumed-role/deploy/run-1",
  roleArn: "arn:aws:iam::123456789012:role/ci/deploy",
  roleId: "AROAEXAMPLEDEPLOY001",
};
const root: PolicyPrincipal = { kind: "root", account: "123456789012", arn: "arn:aws:iam::123456789012:root" };
const sns: PolicyPrincipal = { kind: "service", service: "sns.amazonaws.com" };
const web: PolicyPrincipal = { kind: "federated", provider: "arn:aws:iam::123456789012:oidc-provider/id.example.com" };
const nobody: PolicyPrincipal = { kind: "anonymous" };

const keys: Readonly<Record<string, readonly string[]>> = {
  "aws:username": ["alice"],
  "aws:userid": ["AIDAEXAMPLEALICE0001"],
  "aws:principaltag/team": ["blue"],
  "aws:principaltag/star": ["*"],
  "aws:tagkeys": ["a", "b"],
  "aws:sourceip": ["203.0.113.9"],
};

interface Asked {
  action?: string;
  resource?: string;
  principal?: PolicyPrincipal;
}

function applies(
  statement: Record<string, unknown>,
  { action = "lambda:InvokeFunction", resource = fn, principal = user }: Asked,
  version = "2012-10-17",
) {
  const whole = {
    Effect: "Allow",
    ...("NotAction" in statement ? {} : { Action: "*" }),
    ...("NotResource" in statement ? {} : { Resource: "*" }),
    ...statement,
  };
  const kind = "Principal" in statement || "NotPrincipal" in statement ? "resource" : "identity";
  const policy = compilePolicy(parsePolicy(JSON.stringify({ Version: version, Statement: [whole] }), kind));
  return policy.decide({ principal, action, resource, keys: (key) => keys[key] }).effect === "allow";
}

const actions: readonly (readonly [statement: object, action: string, applies: boolean])[] = [
  [{ Action: "*" }, "lambda:InvokeFunction", true],
  [{ Action: "*:*" }, "lambda:InvokeFunction", true],
  [{ Action: "lambda:*" }, "lambda:InvokeFunction", true],
  [{ Action: "lambda:*" }, "logs:GetLogEvents", false],
  [{ Action: "lambda:InvokeFunction" }, "lambda:InvokeFunction", true],
  [{ Action: "LAMBDA:invokefunction" }, "lambda:InvokeFunction", true],
  [{ Action: "lambda:Invoke" }, "lambda:InvokeFunction", false],
  [{ Action: "lambda:Invoke*" }, "lambda:InvokeFunctionUrl", true],
  [{ Action: "lambda:*Function" }, "lambda:InvokeFunction", true],
  [{ Action: "lambda:*Function" }, "lambda:InvokeFunctionUrl", false],
  [{ Action: "lambda:Get?unction" }, "lambda:GetFunction", true],
  [{ Action: "lambda:Get??nction" }, "lambda:GetFunction", true],
  [{ Action: ["lambda:GetFunction", "lambda:List*"] }, "lambda:ListFunctions", true],
  [{ Action: ["lambda:GetFunction", "lambda:List*"] }, "lambda:DeleteFunction", false],
  [{ NotAction: "iam:*" }, "lambda:InvokeFunction", true],
  [{ NotAction: "iam:*" }, "iam:CreateUser", false],
  [{ NotAction: ["iam:*", "lambda:*"] }, "lambda:InvokeFunction", false],
  [{ NotAction: "lambda:Delete*" }, "lambda:DELETEFUNCTION", false],
  [{ NotAction: "*" }, "lambda:InvokeFunction", false],
];

for (const [statement, action, expected] of actions) {
  test(`${JSON.stringify(statement)} ${expected ? "has" : "has not"} ${action}`, () =>
    assert.equal(applies(statement as Record<string, unknown>, { action }), expected));
}

const resources: readonly (readonly [statement: object, resource: string, applies: boolean, version?: string])[] = [
  [{ Resource: "*" }, fn, true],
  [{ Resource: "*" }, "*", true],
  [{ Resource: fn }, fn, true],
  [{ Resource: fn }, `${fn}:1`, false],
  [{ Resource: fn }, "*", false],
  [{ Resource: `${fn}:*` }, `${fn}:1`, true],
  [{ Resource: `${fn}:*` }, fn, false],
  [{ Resource: `${fn}*` }, `${fn}:live`, true],
  [{ Resource: "arn:aws:lambda:*:123456789012:function:orders" }, fn, true],
  [{ Resource: "arn:aws:lambda:*:*:function:*" }, fn, true],
  [{ Resource: "arn:aws:lambda:us-*:123456789012:function:orders" }, fn, false],
  [{ Resource: "arn:aws:lambda:eu-central-?:123456789012:function:orders" }, fn, true],
  [{ Resource: "arn:aws:lambda:eu-central-1:123456789012:function:Orders" }, fn, false],
  [{ Resource: ["arn:aws:s3:::x", fn] }, fn, true],
  [{ NotResource: fn }, fn, false],
  [{ NotResource: fn }, "arn:aws:lambda:eu-central-1:123456789012:function:other", true],
  [{ NotResource: ["arn:aws:s3:::*", "arn:aws:lambda:*:*:function:orders"] }, fn, false],
  [{ Resource: "arn:aws:s3:::home/${aws:username}/*" }, "arn:aws:s3:::home/alice/a/b", true],
  [{ Resource: "arn:aws:s3:::home/${aws:username}/*" }, "arn:aws:s3:::home/bob/a", false],
  [{ Resource: "arn:aws:s3:::home/${AWS:UserName}/*" }, "arn:aws:s3:::home/alice/a", true],
  [{ Resource: "arn:aws:s3:::home/${aws:username}/*" }, "arn:aws:s3:::home/alice/a", false, "2008-10-17"],
  [{ Resource: "arn:aws:s3:::home/${aws:username}/*" }, "arn:aws:s3:::home/${aws:username}/a", true, "2008-10-17"],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/Team}" }, "arn:aws:s3:::home/blue", true],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/none}" }, "arn:aws:s3:::home/", false],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/none, 'shared'}" }, "arn:aws:s3:::home/shared", true],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/team, 'shared'}" }, "arn:aws:s3:::home/shared", false],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/none,'a b'}" }, "arn:aws:s3:::home/a b", true],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/star}" }, "arn:aws:s3:::home/anything", false],
  [{ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/star}" }, "arn:aws:s3:::home/*", true],
  [{ Resource: "arn:aws:s3:::home/${aws:TagKeys}" }, "arn:aws:s3:::home/a", false],
  [{ Resource: "arn:aws:s3:::home/${*}" }, "arn:aws:s3:::home/*", true],
  [{ Resource: "arn:aws:s3:::home/${*}" }, "arn:aws:s3:::home/a", false],
  [{ Resource: "arn:aws:s3:::home/${?}${$}" }, "arn:aws:s3:::home/?$", true],
  [{ NotResource: "arn:aws:s3:::home/${aws:PrincipalTag/none}" }, "arn:aws:s3:::home/x", true],
];

for (const [statement, resource, expected, version] of resources) {
  test(`${JSON.stringify(statement)} ${expected ? "has" : "has not"} ${resource}${version === undefined ? "" : ` in ${version}`}`, () =>
    assert.equal(applies(statement as Record<string, unknown>, { resource }, version), expected));
}

const account = "arn:aws:iam::123456789012:root";
const principals: readonly (readonly [statement: object, principal: PolicyPrincipal, applies: boolean])[] = [
  [{ Principal: "*" }, user, true],
  [{ Principal: "*" }, nobody, true],
  [{ Principal: "*" }, sns, true],
  [{ Principal: { AWS: "*" } }, nobody, true],
  [{ Principal: { AWS: ["*"] } }, session, true],
  [{ Principal: { AWS: "123456789012" } }, user, true],
  [{ Principal: { AWS: account } }, user, true],
  [{ Principal: { AWS: account } }, session, true],
  [{ Principal: { AWS: account } }, root, true],
  [{ Principal: { AWS: account } }, nobody, false],
  [{ Principal: { AWS: account } }, sns, false],
  [{ Principal: { AWS: "999999999999" } }, user, false],
  [{ Principal: { AWS: "arn:aws:iam::123456789012:user/dev/alice" } }, user, true],
  [{ Principal: { AWS: "arn:aws:iam::123456789012:user/dev/Alice" } }, user, false],
  [{ Principal: { AWS: "arn:aws:iam::123456789012:user/alice" } }, user, false],
  [{ Principal: { AWS: "AIDAEXAMPLEALICE0001" } }, user, true],
  [{ Principal: { AWS: "arn:aws:iam::123456789012:user/dev/alice" } }, root, false],
  [{ Principal: { AWS: "arn:aws:iam::123456789012:role/ci/deploy" } }, session, true],
  [{ Principal: { AWS: "arn:aws:iam::123456789012:role/deploy" } }, session, false],
  [{ Principal: { AWS: "AROAEXAMPLEDEPLOY001" } }, session, true],
  [{ Principal: { AWS: "arn:aws:sts::123456789012:assumed-role/deploy/run-1" } }, session, true],
  [{ Principal: { AWS: "AROAEXAMPLEDEPLOY001:run-1" } }, session, true],
  [{ Principal: { AWS: "AROAEXAMPLEDEPLOY001:run-2" } }, session, false],
  [{ Principal: { AWS: "AROAEXAMPLEDEPLOY002:run-1" } }, session, false],
  [{ Principal: { AWS: "AROAEXAMPLEDEPLOY001:1" + "0".repeat(12) } }, session, false],
  [{ Principal: { AWS: "arn:aws:sts::123456789012:assumed-role/deploy/run-2" } }, session, false],
  [{ Principal: { Service: "sns.amazonaws.com" } }, sns, true],
  [{ Principal: { Service: ["s3.amazonaws.com", "sns.amazonaws.com"] } }, sns, true],
  [{ Principal: { Service: "s3.amazonaws.com" } }, sns, false],
  [{ Principal: { Service: "*" } }, sns, true],
  [{ Principal: { Service: "*" } }, user, false],
  [{ Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/id.example.com" } }, web, true],
  [{ Principal: { Federated: "accounts.google.com" } }, web, false],
  [{ Principal: { AWS: "999999999999", Service: "sns.amazonaws.com" } }, sns, true],
  [{ NotPrincipal: { AWS: "arn:aws:iam::123456789012:user/dev/alice" } }, user, false],
  [{ NotPrincipal: { AWS: "arn:aws:iam::123456789012:user/dev/alice" } }, session, true],
  [{ NotPrincipal: { AWS: account } }, user, false],
  [{ NotPrincipal: { AWS: "arn:aws:iam::123456789012:role/ci/deploy" } }, session, false],
  [{ NotPrincipal: { Service: "sns.amazonaws.com" } }, sns, false],
  [{ NotPrincipal: { Service: "sns.amazonaws.com" } }, nobody, true],
  [{ NotPrincipal: "*" }, user, false],
];

/** Whom a denial is for. The example of AWS's page on `NotPrincipal` names a user together with the account. */
const denied: readonly (readonly [statement: object, principal: PolicyPrincipal, applies: boolean])[] = [
  [{ NotPrincipal: { AWS: account } }, user, true],
  [{ NotPrincipal: { AWS: account } }, session, true],
  [{ NotPrincipal: { AWS: account } }, root, false],
  [{ NotPrincipal: { AWS: [account, "arn:aws:iam::123456789012:user/dev/alice"] } }, user, false],
  [{ NotPrincipal: { AWS: [account, "arn:aws:iam::123456789012:user/dev/bob"] } }, user, true],
  [{ NotPrincipal: { AWS: [account, "arn:aws:iam::123456789012:role/ci/deploy"] } }, session, false],
  [{ NotPrincipal: { AWS: [account, "AROAEXAMPLEDEPLOY001:run-1"] } }, session, false],
  [{ NotPrincipal: { AWS: [account, "AROAEXAMPLEDEPLOY001:run-2"] } }, session, true],
];

for (const [statement, principal, expected] of denied) {
  test(`a denial of ${JSON.stringify(statement)} ${expected ? "is" : "is not"} for ${JSON.stringify(principal).slice(0, 80)}`, () => {
    const whole = { Effect: "Deny", Action: "*", Resource: "*", ...statement };
    const policy = compilePolicy(
      parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [whole] }), "resource"),
    );
    const request = { principal, action: "lambda:InvokeFunction", resource: fn, keys: (key: string) => keys[key] };
    assert.equal(policy.decide(request).effect, expected ? "deny" : "none");
  });
}

for (const [statement, principal, expected] of principals) {
  test(`${JSON.stringify(statement)} ${expected ? "names" : "does not name"} ${JSON.stringify(principal).slice(0, 80)}`, () =>
    assert.equal(applies(statement as Record<string, unknown>, { principal }), expected));
}

const conditions: readonly (readonly [condition: object, applies: boolean])[] = [
  [{ StringEquals: { "aws:username": "alice" }, IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, true],
  [{ StringEquals: { "aws:username": "alice" }, IpAddress: { "aws:SourceIp": "192.0.2.0/24" } }, false],
  [{ StringEquals: { "aws:username": "alice", "aws:userid": "AIDAEXAMPLEALICE0001" } }, true],
  [{ StringEquals: { "aws:username": "alice", "aws:userid": "x" } }, false],
  [{ StringEquals: { "AWS:USERNAME": "alice" } }, true],
  [{ StringLike: { "aws:userid": "AIDA*" }, StringNotLike: { "aws:username": "b*" } }, true],
  [{ StringEquals: { "aws:PrincipalTag/Team": "blue" } }, true],
  [{ StringEquals: { "aws:userid": "${aws:userid}" } }, true],
  [{ StringLike: { "aws:username": "${aws:PrincipalTag/star}" } }, false],
  [{ StringEquals: { "aws:username": "${aws:PrincipalTag/none}" } }, false],
  [{ StringNotEquals: { "aws:username": "${aws:PrincipalTag/none}" } }, true],
  [{ StringEquals: { "aws:username": "${aws:PrincipalTag/none, 'alice'}" } }, true],
  [{}, true],
];

for (const [condition, expected] of conditions) {
  test(`the condition ${JSON.stringify(condition)} ${expected ? "holds" : "does not hold"}`, () =>
    assert.equal(applies({ Condition: condition }, {}), expected));
}
