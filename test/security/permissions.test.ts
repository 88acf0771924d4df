/** Every operation says what it needs; and whoever may do one thing may do that and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../../src/base/errors.ts";
import { rootAccess, type Access } from "../../src/security/access/access.ts";
import { createAuthorizer } from "../../src/security/access/authorizer.ts";
import type { PermissionTable } from "../../src/security/contract.ts";
import { createPolicyCompiler } from "../../src/security/policy/index.ts";
import { implementedOperations } from "../../src/services/catalogue.ts";
import { cloudTrailPermissions } from "../../src/services/cloudtrail/permissions.ts";
import { iamPermissions } from "../../src/services/iam/permissions.ts";
import { defaultPolicy } from "../../src/kms/keys.ts";
import { kmsPermissions } from "../../src/services/kms/permissions.ts";
import { lambdaPermissions } from "../../src/services/lambda/permissions.ts";
import { logsPermissions } from "../../src/services/logs/permissions.ts";
import { sqsPermissions } from "../../src/services/sqs/permissions.ts";
import { stsPermissions } from "../../src/services/sts/permissions.ts";
import type { CallContext } from "../../src/wire/contract.ts";

const account = "123456789012";
const noEntities = {
  entities: { get: () => Promise.reject(new ServiceError("NoSuchEntity", "")) },
} as unknown as Parameters<typeof iamPermissions>[0];
const keyId = "6f5c3d5e-0000-4000-8000-000000000000";
const oneKey = {
  find: async () => ({ arn: `arn:aws:kms:us-east-1:${account}:key/${keyId}` }),
  keyOf: () => keyId,
  granteesOf: async () => [],
  findGrant: async () => undefined,
} as unknown as Parameters<typeof kmsPermissions>[0];
const tables: Record<string, PermissionTable> = {
  lambda: lambdaPermissions((subnet) => subnet.replace("subnet", "vpc")),
  logs: logsPermissions,
  iam: iamPermissions(noEntities),
  sts: stsPermissions,
  cloudtrail: cloudTrailPermissions,
  sqs: sqsPermissions,
  kms: kmsPermissions(oneKey),
};
const compile = createPolicyCompiler();
const authorizer = createAuthorizer({
  tables,
  compile,
  policyOf: async (arn) => (arn.includes(":key/") ? defaultPolicy("aws", account) : undefined),
  tagsOf: async () => undefined,
});

/** Names one of everything, so that every operation finds what it is about. */
const input = {
  FunctionName: "f",
  Name: "live",
  LayerName: "layer",
  VersionNumber: 1,
  UUID: "6f5c3d5e-0000-4000-8000-000000000000",
  Arn: `arn:aws:lambda:us-east-1:${account}:layer:layer:1`,
  Resource: `arn:aws:lambda:us-east-1:${account}:function:f`,
  ResourceArn: `arn:aws:lambda:us-east-1:${account}:function:f`,
  CodeSigningConfigArn: `arn:aws:lambda:us-east-1:${account}:code-signing-config:csc-0123456789abcdef0`,
  TagKeys: ["a"],
  Tags: { a: "b" },
  logGroupName: "/aws/lambda/f",
  QueueName: "q",
  QueueUrl: `http://127.0.0.1:4566/${account}/q`,
  KeyId: keyId,
  SourceKeyId: keyId,
  DestinationKeyId: keyId,
  TargetKeyId: keyId,
  AliasName: "alias/a",
  CiphertextBlob: Buffer.alloc(100),
  SourceArn: `arn:aws:sqs:us-east-1:${account}:q`,
};

function inputOf(service: string): Record<string, unknown> {
  return service === "iam" ? { ...input, Tags: [{ Key: "a", Value: "b" }] } : input;
}

function contextOf(service: string, operation: string, access: Access): CallContext {
  const arn = `arn:aws:iam::${account}:user/alice`;
  const caller = {
    kind: "user",
    account,
    arn,
    userId: "AIDA",
    accessKeyId: "AKIA",
    region: "us-east-1",
    access,
  } as const;
  return {
    requestId: "",
    caller,
    service,
    operation,
    endpoint: "",
    sourceIp: "127.0.0.1",
    userAgent: undefined,
    traceId: "",
    sentTraceId: undefined,
    answerHeaders: {},
    receivedAt: 0,
    signal: new AbortController().signal,
  };
}

function allowing(...actions: readonly string[]): Access {
  const text = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }],
  });
  const arn = `arn:aws:iam::${account}:user/alice`;
  return {
    principal: { kind: "user", account, arn, id: "AIDA" },
    policies: { identity: [compile(text, "identity")] },
    keys: () => undefined,
  };
}

async function may(service: string, operation: string, access: Access): Promise<boolean> {
  try {
    await authorizer.authorize(contextOf(service, operation, access), inputOf(service));
    return true;
  } catch (error) {
    assert.match(String(error), /is not authorized to perform/);
    return false;
  }
}

for (const [service, operations] of Object.entries(implementedOperations())) {
  test(`every operation of ${service} says what it needs, and no other does`, () => {
    assert.deepEqual(Object.keys(tables[service] ?? {}).toSorted(), operations);
  });

  test(`whoever may do one thing of ${service} may do it, and nothing else`, async () => {
    const needs = new Map<string, string>();
    for (const operation of operations) {
      const needed = await tables[service]?.[operation]?.(
        inputOf(service),
        contextOf(service, operation, allowing("none:none")),
      );
      needs.set(operation, JSON.stringify([...new Set((needed ?? []).map(({ action }) => action))]));
    }
    for (const operation of operations) {
      const actions = JSON.parse(needs.get(operation) ?? "[]") as string[];
      if (actions.length === 0) continue;
      for (const action of actions) assert.match(action, new RegExp(`^(${service}|iam):[A-Z]`));
      const access = allowing(...actions);
      for (const other of operations) {
        const others = JSON.parse(needs.get(other) ?? "[]") as string[];
        const expected = others.every((one) => actions.includes(one));
        assert.equal(await may(service, other, access), expected, `${other} with ${actions.join(" and ")}`);
      }
    }
  });

  test(`nobody may do anything of ${service} without a policy, and the root may do all of it`, async () => {
    const { caller: _caller, ...root } = rootAccess(account);
    for (const operation of operations) {
      assert.equal(await may(service, operation, root), true, operation);
      const free = service === "sts" && operation !== "GetAccessKeyInfo";
      const nobody: Access = { principal: { kind: "anonymous" }, policies: { identity: [] }, keys: () => undefined };
      assert.equal(await may(service, operation, nobody), free, operation);
    }
  });
}

test("a denial finds a resource however a request writes its name", async () => {
  const arns = {
    function: `arn:aws:lambda:us-east-1:${account}:function:f`,
    layer: `arn:aws:lambda:us-east-1:${account}:layer:layer:1`,
    mapping: `arn:aws:lambda:us-east-1:${account}:event-source-mapping:abcdef00-0000-4000-8000-000000000000`,
    queue: `arn:aws:sqs:us-east-1:${account}:q`,
  };
  const text = JSON.stringify({
    Statement: [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "*", Resource: Object.values(arns) },
    ],
  });
  const access: Access = { ...allowing("a:b"), policies: { identity: [compile(text, "identity")] } };
  for (const [service, operation, asked] of [
    ["lambda", "GetFunction", { FunctionName: "f" }],
    ["lambda", "GetFunction", { FunctionName: `${account}:function:f` }],
    ["lambda", "GetFunction", { FunctionName: `arn:aws-cn:lambda:us-east-1:${account}:function:f` }],
    ["lambda", "ListTags", { Resource: `arn:aws-cn:lambda:us-east-1:${account}:function:f` }],
    ["lambda", "GetLayerVersion", { LayerName: `arn:aws-x:lambda:us-east-1:${account}:layer:layer`, VersionNumber: 1 }],
    ["lambda", "GetLayerVersionByArn", { Arn: `arn:aws-x:lambda:us-east-1:${account}:layer:layer:1` }],
    ["lambda", "GetEventSourceMapping", { UUID: "ABCDEF00-0000-4000-8000-000000000000" }],
    ["lambda", "ListTags", { Resource: arns.mapping.replace("abcdef", "ABCDEF") }],
    ["sqs", "SendMessage", { QueueUrl: `http://127.0.0.1/${account}/q/` }],
    ["sqs", "SendMessage", { QueueUrl: `${account}/q` }],
  ] as const) {
    const call = async () => authorizer.authorize(contextOf(service, operation, access), asked);
    await assert.rejects(call, /with an explicit deny/, JSON.stringify(asked));
  }
});
