/**
 * Mistakes that many operations have in common: a marker that no page has given, two qualifiers that differ, a qualifier
 * where there may be none; and some that belong to no other table.
 */
import {
  CreateCodeSigningConfigCommand,
  DeleteAliasCommand,
  DeleteFunctionCodeSigningConfigCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAliasCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  GetRuntimeManagementConfigCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionEventInvokeConfigsCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { arn } from "../support.ts";
import { invalid, mismatch, missing, unqualified, type Case } from "./case.ts";

const marked = { FunctionName: "f", Marker: "x" };
const lists: Readonly<Record<string, (api: TestApi) => Promise<unknown>>> = {
  ListCodeSigningConfigs: ({ client }) => client.send(new ListCodeSigningConfigsCommand({ Marker: "x" })),
  ListFunctionEventInvokeConfigs: ({ client }) => client.send(new ListFunctionEventInvokeConfigsCommand(marked)),
  ListLayers: ({ client }) => client.send(new ListLayersCommand({ Marker: "x" })),
  ListProvisionedConcurrencyConfigs: ({ client }) => client.send(new ListProvisionedConcurrencyConfigsCommand(marked)),
  ListVersionsByFunction: ({ client }) => client.send(new ListVersionsByFunctionCommand(marked)),
};

const two = { FunctionName: "f:1", Qualifier: "2" };
const qualified: Readonly<Record<string, (api: TestApi) => Promise<unknown>>> = {
  DeleteFunctionEventInvokeConfig: ({ client }) => client.send(new DeleteFunctionEventInvokeConfigCommand(two)),
  GetFunctionEventInvokeConfig: ({ client }) => client.send(new GetFunctionEventInvokeConfigCommand(two)),
  GetPolicy: ({ client }) => client.send(new GetPolicyCommand(two)),
  GetRuntimeManagementConfig: ({ client }) => client.send(new GetRuntimeManagementConfigCommand(two)),
  RemovePermission: ({ client }) => client.send(new RemovePermissionCommand({ ...two, StatementId: "s" })),
};

const one = { FunctionName: "f:1" };
const whole: Readonly<Record<string, (api: TestApi) => Promise<unknown>>> = {
  DeleteAlias: ({ client }) => client.send(new DeleteAliasCommand({ ...one, Name: "live" })),
  DeleteFunctionCodeSigningConfig: ({ client }) => client.send(new DeleteFunctionCodeSigningConfigCommand(one)),
  GetAlias: ({ client }) => client.send(new GetAliasCommand({ ...one, Name: "live" })),
  GetFunctionCodeSigningConfig: ({ client }) => client.send(new GetFunctionCodeSigningConfigCommand(one)),
  GetFunctionConcurrency: ({ client }) => client.send(new GetFunctionConcurrencyCommand(one)),
};

const profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/test";

export const genericCases: Case[] = [
  ...Object.entries(lists).map(([operation, send]): Case => ({
    title: `${operation}: marker`,
    send,
    ...invalid,
    message: /^Invalid Marker: /,
  })),
  ...Object.entries(qualified).map(([operation, send]): Case => ({
    title: `${operation}: two qualifiers`,
    send,
    ...invalid,
    message: mismatch,
  })),
  ...Object.entries(whole).map(([operation, send]): Case => ({
    title: `${operation}: a version`,
    send,
    ...invalid,
    message: unqualified,
  })),
  {
    title: "CreateCodeSigningConfig: too many tags",
    send: ({ client }) =>
      client.send(
        new CreateCodeSigningConfigCommand({
          AllowedPublishers: { SigningProfileVersionArns: [profile] },
          Tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])),
        }),
      ),
    ...invalid,
    message: "Number of tags exceeds resource tag limit.",
  },
  {
    title: "ListLayerVersions: other region",
    send: ({ client }) =>
      client.send(new ListLayerVersionsCommand({ LayerName: "arn:aws:lambda:eu-west-1:123456789012:layer:l" })),
    ...missing,
    message: "The resource you requested does not exist.",
  },
  {
    title: "PublishVersion: unknown function",
    send: ({ client }) => client.send(new PublishVersionCommand({ FunctionName: "nothing" })),
    ...missing,
    message: `Function not found: ${arn("nothing")}`,
  },
  {
    title: "InvokeWithResponseStream: tenant",
    send: ({ client }) => client.send(new InvokeWithResponseStreamCommand({ FunctionName: "f", TenantId: "t" })),
    ...invalid,
    message: /^The invoked function is not enabled with tenancy configuration\./,
  },
  {
    title: "InvokeWithResponseStream: no JSON",
    send: ({ client }) =>
      client.send(new InvokeWithResponseStreamCommand({ FunctionName: "f", Payload: Buffer.from("{") })),
    status: 400,
    code: "InvalidRequestContentException",
    message: /Could not parse payload into json/,
  },
  {
    title: "Invoke: no JSON",
    send: ({ client }) => client.send(new InvokeCommand({ FunctionName: "f", Payload: Buffer.from("{") })),
    status: 400,
    code: "InvalidRequestContentException",
    message: /^Could not parse request body into json: Could not parse payload into json: /,
  },
  {
    title: "InvokeAsync: no JSON",
    send: ({ client }) => client.send(new InvokeAsyncCommand({ FunctionName: "f", InvokeArgs: "{" })),
    status: 400,
    code: "InvalidRequestContentException",
    message: /^Could not parse request body into json/,
  },
  {
    title: "InvokeAsync: no such function",
    send: ({ client }) => client.send(new InvokeAsyncCommand({ FunctionName: "nowhere", InvokeArgs: "{}" })),
    ...missing,
    message: `Function not found: ${arn("nowhere")}:$LATEST`,
  },
];
