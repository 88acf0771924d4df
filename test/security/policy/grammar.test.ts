/** What is no policy, in IAM's words; and that no text makes the parser or a pattern do more than it should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compilePolicy, parsePolicy, PolicyError, type PolicyKind } from "../../../src/security/policy/index.ts";
import { compilePattern } from "../../../src/security/policy/pattern.ts";

const good = { Effect: "Allow", Action: "lambda:*", Resource: "*" };
const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };

const refused: readonly (readonly [kind: PolicyKind, document: unknown, message: string])[] = [
  ["identity", "{", "This policy contains invalid Json"],
  ["identity", "", "This policy contains invalid Json"],
  ["identity", [], "Syntax errors in policy."],
  ["identity", null, "Syntax errors in policy."],
  ["identity", {}, "Syntax errors in policy."],
  ["identity", { Statement: [] }, "Syntax errors in policy."],
  ["identity", { Version: "2012-10-18", Statement: good }, "Syntax errors in policy."],
  ["identity", { Version: "2012-10-17", Statement: good, Extra: 1 }, "Syntax errors in policy."],
  ["identity", { Statement: { ...good, Extra: 1 } }, "Syntax errors in policy."],
  ["identity", { Statement: { ...good, Effect: "allow" } }, "Syntax errors in policy."],
  ["identity", { Statement: { Action: "a:b", Resource: "*" } }, "Missing required field Effect"],
  ["identity", { Statement: { Effect: "Allow", Resource: "*" } }, "Policy statement must contain actions."],
  ["identity", { Statement: { Effect: "Allow", Action: [], Resource: "*" } }, "Policy statement must contain actions."],
  ["identity", { Statement: { Effect: "Allow", Action: "a:b" } }, "Policy statement must contain resources."],
  [
    "identity",
    { Statement: { Effect: "Allow", Action: "a:b", Resource: [] } },
    "Policy statement must contain resources.",
  ],
  ["identity", { Statement: { ...good, NotAction: "a:b" } }, "Syntax errors in policy."],
  ["identity", { Statement: { ...good, NotResource: "*" } }, "Syntax errors in policy."],
  ["identity", { Statement: { ...good, Action: 7 } }, "Syntax errors in policy."],
  [
    "identity",
    { Statement: { ...good, Action: "GetFunction" } },
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
  ],
  ["identity", { Statement: { ...good, Action: "la mbda:Get" } }, "Vendor la mbda is not valid"],
  ["identity", { Statement: { ...good, Resource: "function" } }, 'Resource function must be in ARN format or "*".'],
  ["identity", { Statement: { ...good, Principal: "*" } }, "Policy document should not specify a principal."],
  [
    "identity",
    {
      Statement: [
        { ...good, Sid: "a" },
        { ...good, Sid: "a" },
      ],
    },
    "Statement IDs (SID) in a single policy must be unique.",
  ],
  ["identity", { Statement: { ...good, Sid: "a b" } }, "Statement IDs (SID) must be alpha-numeric."],
  ["identity", { Statement: { ...good, Condition: { StringIs: { "a:b": "c" } } } }, "Syntax errors in policy."],
  ["identity", { Statement: { ...good, Condition: { NullIfExists: { "a:b": "true" } } } }, "Syntax errors in policy."],
  [
    "identity",
    { Statement: { ...good, Condition: { StringEquals: { key: "c" } } } },
    "Actions/Conditions must be prefaced by a vendor",
  ],
  ["identity", { Statement: { ...good, Condition: { StringEquals: "c" } } }, "Syntax errors in policy."],
  [
    "identity",
    { Statement: { ...good, Condition: { StringEquals: { "a:b": { c: 1 } } } } },
    "Syntax errors in policy.",
  ],
  [
    "identity",
    { Statement: { ...good, Condition: { "ForSomeValues:StringEquals": { "a:b": "c" } } } },
    "Syntax errors in policy.",
  ],
  ["resource", { Statement: good }, "Missing required field Principal"],
  ["resource", { Statement: { ...good, Principal: "alice" } }, "Invalid principal in policy: alice"],
  ["resource", { Statement: { ...good, Principal: {} } }, "Syntax errors in policy."],
  ["resource", { Statement: { ...good, Principal: { People: "alice" } } }, "Syntax errors in policy."],
  ["resource", { Statement: { ...good, Principal: { AWS: "alice" } } }, 'Invalid principal in policy: "AWS":"alice"'],
  [
    "resource",
    { Statement: { ...good, Principal: { AWS: "arn:aws:iam::123456789012:user/*" } } },
    'Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/*"',
  ],
  [
    "resource",
    { Statement: { ...good, Principal: { Service: "lambda" } } },
    'Invalid principal in policy: "Service":"lambda"',
  ],
  ["resource", { Statement: { ...good, Principal: "*", NotPrincipal: "*" } }, "Syntax errors in policy."],
  ["trust", { Statement: { ...trust, Principal: undefined } }, "Missing required field Principal"],
  ["trust", { Statement: { ...trust, Resource: "*" } }, "Has prohibited field Resource"],
  [
    "trust",
    { Statement: { ...trust, Action: "lambda:*" } },
    "AssumeRole policy may only specify STS AssumeRole actions.",
  ],
  ["trust", { Statement: { ...trust, Action: undefined } }, "Missing required field Action"],
  [
    "trust",
    { Statement: { ...trust, Principal: undefined, NotPrincipal: { AWS: "123456789012" } } },
    "Has prohibited field NotPrincipal",
  ],
];

for (const [kind, document, message] of refused) {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  test(`${kind} ${text}: ${message}`, () => {
    assert.throws(
      () => parsePolicy(text, kind),
      (error) => error instanceof PolicyError && error.message.startsWith(message),
    );
  });
}

for (const [kind, document] of [
  ["identity", { Version: "2012-10-17", Id: "x", Statement: [good] }],
  ["identity", { Statement: { ...good, Sid: "" } }],
  [
    "identity",
    { Statement: { ...good, Resource: ["arn:aws:s3:::a", "arn:aws:iam::*:role/${aws:username}", "arn:aws:s3*"] } },
  ],
  [
    "resource",
    { Statement: { ...good, Sid: "a b-c", Principal: { AWS: ["123456789012", "arn:aws:iam::123456789012:root"] } } },
  ],
  ["trust", { Version: "2012-10-17", Statement: [trust] }],
  ["trust", { Statement: { ...trust, Action: ["sts:AssumeRole", "sts:TagSession"], Principal: { AWS: "*" } } }],
] as const) {
  test(`${kind} ${JSON.stringify(document)} is a policy`, () =>
    void compilePolicy(parsePolicy(JSON.stringify(document), kind)));
}

test("any JSON is a policy or an error of the caller's", () => {
  const leaf = fc.constantFrom(
    "Allow",
    "Deny",
    "*",
    "lambda:*",
    "",
    "2012-10-17",
    "sts:AssumeRole",
    "${a:b, 'c'}",
    "arn:aws:s3:::${x}",
  );
  const names = [
    "Version",
    "Statement",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "Principal",
    "AWS",
    "Condition",
    "StringLike",
    "a:b",
    "__proto__",
    "Sid",
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie("tree"), { maxKeys: 6 }),
      fc.constantFrom(0, true, null),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.constantFrom("identity", "resource", "trust"), (document, kind) => {
      try {
        compilePolicy(parsePolicy(JSON.stringify(document), kind));
      } catch (error) {
        assert.ok(error instanceof PolicyError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a long policy and one that is nested deeply are refused", () => {
  assert.throws(() => parsePolicy(" ".repeat(200_000), "identity"), PolicyError);
  assert.throws(() => parsePolicy("[".repeat(100_000), "identity"), PolicyError);
});

test("patterns mean what their regular expressions mean, and cost no more than length times length", () => {
  const text = fc.stringMatching(/^[ab*?.]{0,12}$/);
  fc.assert(
    fc.property(text, fc.stringMatching(/^[ab.]{0,12}$/), (pattern, candidate) => {
      const expression = new RegExp(
        `^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".")}$`,
        "s",
      );
      const compiled = compilePattern(pattern, { wildcards: true, variables: true });
      assert.equal(
        compiled.matches(candidate, () => undefined),
        expression.test(candidate),
      );
    }),
    { numRuns: 2000 },
  );
  const evil = compilePattern(`${"*a".repeat(1000)}b`, { wildcards: true, variables: true });
  assert.equal(
    evil.matches("a".repeat(20_000), () => undefined),
    false,
  );
});
