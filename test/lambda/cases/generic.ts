/** Mistakes that many operations have in common: a marker that no page has given, and two qualifiers that differ. */
import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  GetRuntimeManagementConfigCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListLayersCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListVersionsByFunctionCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { invalid, mismatch, type Case } from "./case.ts";

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
];
