/** Mistakes around resource policies. Function `f` has version 1, a policy with the statement `taken`, and no alias. */
import {
  AddPermissionCommand,
  type AddPermissionRequest,
  DeleteResourcePolicyCommand,
  GetPolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { arn } from "../support.ts";
import { conflict, invalid, mismatch, missing, stale, violated, type Case } from "./case.ts";

const account = "123456789012";

export function permission(changes: Partial<AddPermissionRequest> = {}): AddPermissionRequest {
  return {
    FunctionName: "f",
    StatementId: "s3",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    ...changes,
  };
}

const notAPolicy = /^The provided policy is invalid: \S/;

export const latestRevision =
  "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id";
export const noResource = "The resource you requested does not exist.";

export const policy = (statement: object | object[], rest: object = {}) =>
  JSON.stringify({ Version: "2012-10-17", ...rest, Statement: statement });
export const statement = {
  Sid: "own",
  Effect: "Deny",
  Principal: { AWS: ["111122223333", "arn:aws:iam::111122223333:root"] },
  Action: ["lambda:InvokeFunction"],
  Resource: arn("f"),
  Condition: { StringNotEquals: { "aws:PrincipalOrgID": ["o-1", "o-2"] }, Bool: { "aws:SecureTransport": false } },
};

export const policyCases: Case[] = [
  ...(
    [
      ["a statement id with a dot", { StatementId: "example.com" }, violated, /at 'statementId' failed to satisfy/],
      ["two qualifiers", { FunctionName: "f:live", Qualifier: "42" }, invalid, mismatch],
      [
        "$LATEST",
        { FunctionName: "f:$LATEST", Qualifier: "$LATEST" },
        invalid,
        "We currently do not support adding policies for $LATEST.",
      ],
      [
        "an unknown principal",
        { Principal: "invalid.nonaws.com" },
        invalid,
        "The provided principal was invalid. Please check the principal and try again.",
      ],
      ["an unknown function", { FunctionName: "g" }, missing, `Function not found: ${arn("g")}`],
      ["an unknown alias", { FunctionName: "f:nobody" }, missing, `Cannot find alias arn: ${arn("f")}:nobody`],
      ["an unknown version", { Qualifier: "42" }, missing, `Function not found: ${arn("f")}:42`],
      [
        "a qualifier that could be nothing",
        { Qualifier: "valid-with-$-but" },
        missing,
        `Function not found: ${arn("f")}:valid-with-$-but`,
      ],
      ["a wrong qualifier", { Qualifier: "with-?" }, violated, /at 'qualifier' failed to satisfy/],
      [
        "a statement id that is taken",
        { StatementId: "taken" },
        conflict,
        "The statement id (taken) provided already exists. Please provide a new statement id, or remove the existing statement.",
      ],
      ["a wrong revision", { RevisionId: "wrong" }, stale, latestRevision],
      [
        "the type of a URL for calls",
        { FunctionUrlAuthType: "NONE" },
        invalid,
        "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
      ],
      [
        "calls by URL for URLs",
        { Action: "lambda:InvokeFunctionUrl", InvokedViaFunctionUrl: true },
        invalid,
        "InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action",
      ],
      [
        "a token with a source",
        { EventSourceToken: "t", SourceAccount: account },
        invalid,
        /^EventSourceToken can not/,
      ],
      ["an action of another service", { Action: "s3:GetObject" }, violated, /at 'action' failed to satisfy/],
      ["an organisation that is none", { PrincipalOrgID: "o-1" }, violated, /at 'principalOrgID' failed to satisfy/],
    ] as const
  ).map(([title, changes, expected, message]) => ({
    title: `AddPermission: ${title}`,
    send: ({ client }: TestApi) => client.send(new AddPermissionCommand(permission(changes))),
    ...expected,
    message,
  })),
  ...(
    [
      ["an unknown function", { FunctionName: "g" }, `No policy found for: ${arn("g")}`],
      ["a version without a policy", { FunctionName: "f:1" }, "No policy is associated with the given resource."],
      ["an unknown statement", {}, "Statement s3 is not found in resource policy."],
      ["an unknown alias", { Qualifier: "nobody" }, `Cannot find alias arn: ${arn("f")}:nobody`],
    ] as const
  ).map(([title, changes, message]) => ({
    title: `RemovePermission: ${title}`,
    send: ({ client }: TestApi) =>
      client.send(new RemovePermissionCommand({ FunctionName: "f", StatementId: "s3", ...changes })),
    ...missing,
    message,
  })),
  ...["g", "f:77", "f:nobody", "f:1"].map((FunctionName) => ({
    title: `GetPolicy: ${FunctionName}`,
    send: ({ client }: TestApi) => client.send(new GetPolicyCommand({ FunctionName })),
    ...missing,
    message: noResource,
  })),
  ...[arn("g"), `${arn("f")}:1`, "arn:aws:lambda:us-east-1:123456789012:runtime/nodejs24.x"].flatMap((ResourceArn) => [
    {
      title: `GetResourcePolicy: ${ResourceArn}`,
      send: ({ client }: TestApi) => client.send(new GetResourcePolicyCommand({ ResourceArn })),
      ...missing,
      message: noResource,
    },
    {
      title: `DeleteResourcePolicy: ${ResourceArn}`,
      send: ({ client }: TestApi) => client.send(new DeleteResourcePolicyCommand({ ResourceArn })),
      ...missing,
      message: noResource,
    },
  ]),
  ...(
    [
      ["of an unknown function", { ResourceArn: arn("g") }, missing, `Function not found: ${arn("g")}`],
      ["of $LATEST", { ResourceArn: `${arn("f")}:$LATEST` }, invalid, /^We currently do not support/],
      [
        "in another region",
        { ResourceArn: arn("f").replace("us-east-1", "eu-west-1") },
        missing,
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
      ],
      ["that is no ARN", { ResourceArn: "f" }, violated, /at 'resourceArn' failed to satisfy/],
      ["with another revision", { RevisionId: "00000000-0000-0000-0000-000000000000" }, stale, latestRevision],
      ["that is no JSON", { Policy: "{" }, invalid, /^The provided policy is invalid: /],
      ["that is a list", { Policy: "[]" }, invalid, notAPolicy],
      ["without statements", { Policy: policy([]) }, invalid, notAPolicy],
      ["of another version", { Policy: policy(statement, { Version: "2013" }) }, invalid, notAPolicy],
      ["with more members", { Policy: policy(statement, { Extra: 1 }) }, invalid, notAPolicy],
      ["with an unknown effect", { Policy: policy({ ...statement, Effect: "Maybe" }) }, invalid, notAPolicy],
      ["for nobody", { Policy: policy({ ...statement, Principal: {} }) }, invalid, notAPolicy],
      ["without a principal", { Policy: policy({ ...statement, Principal: undefined }) }, invalid, notAPolicy],
      ["with both actions", { Policy: policy({ ...statement, NotAction: "x" }) }, invalid, notAPolicy],
      ["without a resource", { Policy: policy({ ...statement, Resource: [] }) }, invalid, notAPolicy],
      ["with equal ids", { Policy: policy([statement, statement]) }, invalid, /must be unique/],
      [
        "with a deep condition",
        { Policy: policy({ ...statement, Condition: { Bool: { key: [["x"]] } } }) },
        invalid,
        notAPolicy,
      ],
      ["that nests without end", { Policy: "[".repeat(20_000) }, invalid, /^The provided policy is invalid: /],
      [
        "of too many bytes",
        { Policy: policy({ ...statement, Sid: "é".repeat(15_000) }) },
        { status: 400, code: "PolicyLengthExceededException" },
        /^The final policy size/,
      ],
    ] as const
  ).map(([title, changes, expected, message]) => ({
    title: `PutResourcePolicy: ${title}`,
    send: ({ client }: TestApi) =>
      client.send(new PutResourcePolicyCommand({ ResourceArn: arn("f"), Policy: policy(statement), ...changes })),
    ...expected,
    message,
  })),
];
