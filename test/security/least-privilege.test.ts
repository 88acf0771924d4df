/** Users with one action each, over HTTP with the official client: they can do that operation of Lambda's, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as sdk from "@aws-sdk/client-lambda";
import { implementedOperations } from "../../src/services/catalogue.ts";
import { lambdaPermissions } from "../../src/services/lambda/permissions.ts";
import type { CallContext } from "../../src/wire/contract.ts";
import { account, makeUser, policy, refusal, startCloud } from "./cloud.ts";

const arn = `arn:aws:lambda:us-east-1:${account}`;
const config = `${arn}:code-signing-config:csc-0123456789abcdef0`;

/** Names one of everything, so that every operation finds what it is about; operations take of it what is theirs. */
const input = {
  FunctionName: "f",
  Name: "live",
  FunctionVersion: "1",
  Qualifier: "live",
  LayerName: "layer",
  VersionNumber: 1,
  UUID: "6f5c3d5e-0000-4000-8000-000000000000",
  Arn: `${arn}:layer:layer:1`,
  Resource: `${arn}:function:f`,
  ResourceArn: `${arn}:function:f`,
  CodeSigningConfigArn: config,
  AllowedPublishers: { SigningProfileVersionArns: ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v"] },
  TagKeys: ["a"],
  Tags: { a: "b" },
  Action: "lambda:InvokeFunction",
  Principal: account,
  StatementId: "s",
  OrganizationId: "o-0123456789",
  Role: `arn:aws:iam::${account}:role/r`,
  Code: { ZipFile: new Uint8Array([1]) },
  Content: { ZipFile: new Uint8Array([1]) },
  AuthType: "NONE",
  InvokeArgs: "{}",
  ReservedConcurrentExecutions: 1,
  ProvisionedConcurrentExecutions: 1,
  UpdateRuntimeOn: "Auto",
  RecursiveLoop: "Allow",
  Policy: policy({ Principal: "*", Action: "lambda:InvokeFunction" }),
};

/** Where operations have members of one name that take different values. */
const differently: Readonly<Record<string, object>> = {
  AddLayerVersionPermission: { Action: "lambda:GetLayerVersion" },
  ListFunctions: { FunctionVersion: "ALL" },
};

type Call = sdk.InvokeCommand;
type Command = new (input: unknown) => Call;

function commandOf(operation: string): Call {
  const commands = sdk as unknown as Record<string, Command>;
  return new commands[`${operation}Command`]!({ ...input, ...differently[operation] });
}

test("a user with the action of one operation of Lambda's can do that one, and nothing else", async (context) => {
  const cloud = await startCloud(context);
  const operations = implementedOperations()["lambda"] ?? [];
  const permissions = lambdaPermissions((subnet) => subnet.replace("subnet", "vpc"));
  const asked = { service: "lambda", caller: { account, region: "us-east-1" } } as unknown as CallContext;
  const needs = new Map<string, ReadonlySet<string>>();
  for (const operation of operations) {
    const needed = (await permissions[operation]?.(input, { ...asked, operation })) ?? [];
    assert.ok(needed.length > 0, operation);
    needs.set(operation, new Set(needed.map(({ action }) => action)));
  }
  for (const [operation, actions] of needs) {
    const keys = await makeUser(cloud, operation, policy({ Action: [...actions] }));
    const client = cloud.lambda(keys);
    for (const [other, others] of needs) {
      const told = await refusal(client.send(commandOf(other)));
      const may = [...others].every((action) => actions.has(action));
      assert.equal(told?.startsWith("AccessDeniedException:") ?? false, !may, `${other} as ${operation}: ${told}`);
      // The handlers of this server answer nothing, which is no stream to its client.
      if (other === operation && other !== "InvokeWithResponseStream") assert.equal(told, undefined, operation);
    }
  }
});
