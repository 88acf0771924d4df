import assert from "node:assert/strict";
import { it } from "node:test";
import { functionArn, parseFunctionReference, partitionOf } from "./arn.ts";

it("reads every way to name a function", () => {
  const account = "123456789012";
  const region = "us-east-1";
  for (const [text, reference] of [
    ["name", { name: "name" }],
    ["name:1", { name: "name", qualifier: "1" }],
    ["name:$LATEST", { name: "name", qualifier: "$LATEST" }],
    ["function:name", { name: "name" }],
    ["function", { name: "function" }],
    [`${account}:function:name`, { name: "name", account }],
    [`${account}:name:alias`, { name: "name", account, qualifier: "alias" }],
    [`arn:aws:lambda:${region}:${account}:function:name`, { name: "name", region, account }],
    [`arn:aws:lambda:${region}:${account}:function:name:7`, { name: "name", region, account, qualifier: "7" }],
    [`arn:aws-us-gov:lambda:us-gov-west-1:${account}:function:n`, { name: "n", region: "us-gov-west-1", account }],
    [`arn:aws:lambda:${region}:${account}:function`, { name: "function", region, account }],
  ] as const) {
    assert.deepEqual(parseFunctionReference(text), reference, text);
  }
});

it("reads nothing else", () => {
  for (const text of [
    "",
    "*",
    "name!",
    "a/b",
    "name:1:2",
    "name:$LATES",
    "name:$latest",
    "function:name:$LATEST:extra",
    "arn:aws:ec2:us-east-1:123456789012:instance:i-1234567890abcdef0",
    "arn:aws:lambda::123456789012:function:name",
    "arn:aws:lambda:us-east-1::function:name",
    "arn:aws:lambda:invalid-region:123456789012:function:name",
    "invalid-account:function:name",
    "name\n",
  ]) {
    assert.equal(parseFunctionReference(text), undefined, text);
  }
});

it("writes ARNs in the region's partition", () => {
  const scope = { account: "123456789012", region: "cn-north-1" };
  assert.equal(functionArn(scope, "f"), "arn:aws-cn:lambda:cn-north-1:123456789012:function:f");
  assert.equal(
    functionArn({ ...scope, region: "eu-west-3" }, "f", "1"),
    "arn:aws:lambda:eu-west-3:123456789012:function:f:1",
  );
  assert.equal(partitionOf("us-gov-west-1"), "aws-us-gov");
});
