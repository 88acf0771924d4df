/** Function `f` has version 1 with alias `first` at it, and version 2 with another role. */
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateAliasRequest,
  type UpdateAliasRequest,
} from "@aws-sdk/client-lambda";
import { arn } from "../support.ts";
import {
  conflict,
  invalid,
  lowest,
  mismatch,
  missing,
  range,
  revision,
  stale,
  unqualified,
  violated,
  type Case,
  type Expected,
} from "./case.ts";

const weights = (entries: Record<string, number>) => ({ RoutingConfig: { AdditionalVersionWeights: entries } });
const weightRule =
  "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]";
const keyRule =
  "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]";
const nameRule = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
const wrongRegion = {
  ...missing,
  message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
};

type Create = Expected & { title: string } & Partial<CreateAliasRequest>;
type Update = Expected & { title: string } & Partial<UpdateAliasRequest>;

const routingCases: (Expected & { title: string; FunctionVersion?: string; entries: Record<string, number> })[] = [
  {
    title: "two additional versions",
    entries: { 1: 0.8, 2: 0.2 },
    ...invalid,
    message: "Number of items in AdditionalVersionWeights cannot be greater than 1",
  },
  {
    title: "weight above 1",
    entries: { 2: 2 },
    ...violated,
    message: range("{2=2.0}", "routingConfig.additionalVersionWeights", weightRule),
  },
  {
    title: "weight below 0",
    entries: { 2: -1 },
    ...violated,
    message: range("{2=-1.0}", "routingConfig.additionalVersionWeights", weightRule),
  },
  {
    title: "the same version twice",
    entries: { 1: 0.5 },
    ...invalid,
    message: "Invalid function version 1. Function version 1 is already included in routing configuration.",
  },
  {
    title: "$LATEST first of two",
    FunctionVersion: "$LATEST",
    entries: { 1: 0.5 },
    ...invalid,
    message: "$LATEST is not supported for an alias pointing to more than 1 version",
  },
  {
    title: "$LATEST second of two",
    entries: { $LATEST: 0.5 },
    ...violated,
    message: range("{$LATEST=0.5}", "routingConfig.additionalVersionWeights", keyRule),
  },
  {
    title: "missing version first",
    FunctionVersion: "10",
    entries: { 2: 0.5 },
    ...missing,
    message: `Function not found: ${arn("f")}:10`,
  },
  {
    title: "missing version second",
    entries: { 10: 0.5 },
    ...missing,
    message: `Function not found: ${arn("f")}:10`,
  },
  {
    title: "versions with different roles",
    entries: { 2: 0.5 },
    ...invalid,
    message: "Specified versions must be associated with the same execution role",
  },
];

const creations: Create[] = [
  { title: "name that is a number", Name: "2024", ...violated, message: range("2024", "name", nameRule) },
  { title: "name with other characters", Name: "a.b", ...violated, message: range("a.b", "name", nameRule) },
  {
    title: "name too long",
    Name: "a".repeat(129),
    ...violated,
    message: range("a".repeat(129), "name", "Member must have length less than or equal to 128"),
  },
  {
    title: "description too long",
    Description: "a".repeat(257),
    ...violated,
    message: range("a".repeat(257), "description", "Member must have length less than or equal to 256"),
  },
  { title: "version that is no number", FunctionVersion: "first", ...violated, message: /at 'functionVersion' failed/ },
  { title: "version 0", FunctionVersion: "0", ...missing, message: `Function not found: ${arn("f")}:0` },
  { title: "padded version", FunctionVersion: "01", ...missing, message: `Function not found: ${arn("f")}:01` },
  {
    title: "$LATEST.PUBLISHED, which only capacity providers have",
    FunctionVersion: "$LATEST.PUBLISHED",
    ...missing,
    message: `Function not found: ${arn("f")}:$LATEST.PUBLISHED`,
  },
  { title: "unknown function", FunctionName: "g", ...missing, message: `Function not found: ${arn("g")}:1` },
  { title: "name in use", Name: "first", ...conflict, message: `Alias already exists: ${arn("f")}:first` },
  { title: "of a version", FunctionName: "f:1", ...invalid, message: unqualified },
  { title: "of another region", FunctionName: arn("f").replace("us-east-1", "eu-west-1"), ...wrongRegion },
];

const updates: Update[] = [
  { title: "unknown alias", Name: "second", ...missing, message: `Alias not found: ${arn("f")}:second` },
  { title: "unknown function", FunctionName: "g", ...missing, message: `Function not found: ${arn("g")}` },
  { title: "wrong revision", RevisionId: "wrong", ...stale, message: revision },
  { title: "missing version", FunctionVersion: "10", ...missing, message: `Function not found: ${arn("f")}:10` },
  { title: "name that is a number", Name: "7", ...violated, message: range("7", "name", nameRule) },
];

export const aliasCases: Case[] = [
  ...[...creations, ...routingCases.map(({ entries, ...rest }): Create => ({ ...rest, ...weights(entries) }))].map(
    ({ title, status, code, message, ...input }): Case => ({
      title: `CreateAlias: ${title}`,
      send: ({ client }) =>
        client.send(new CreateAliasCommand({ FunctionName: "f", Name: "new", FunctionVersion: "1", ...input })),
      status,
      code,
      message,
    }),
  ),
  ...[...updates, ...routingCases.map(({ entries, ...rest }): Update => ({ ...rest, ...weights(entries) }))].map(
    ({ title, status, code, message, ...input }): Case => ({
      title: `UpdateAlias: ${title}`,
      send: ({ client }) => client.send(new UpdateAliasCommand({ FunctionName: "f", Name: "first", ...input })),
      status,
      code,
      message,
    }),
  ),

  ...[
    { name: "f", alias: "none", ...missing, message: `Cannot find alias arn: ${arn("f")}:none` },
    { name: "g", alias: "none", ...missing, message: `Function not found: ${arn("g")}` },
    { name: arn("f").replace("us-east-1", "eu-west-1"), alias: "first", ...wrongRegion },
    {
      name: arn("f").replace("123456789012", "210987654321"),
      alias: "first",
      status: 403,
      code: "AccessDeniedException",
      message: /is not authorized to perform: lambda:GetAlias on resource: /,
    },
  ].map(({ name, alias, ...rest }): Case => ({
    title: `GetAlias: ${name} ${alias}`,
    send: ({ client }) => client.send(new GetAliasCommand({ FunctionName: name, Name: alias })),
    ...rest,
  })),

  {
    title: "DeleteAlias: name that is a number",
    send: ({ client }) => client.send(new DeleteAliasCommand({ FunctionName: "f", Name: "7" })),
    ...violated,
    message: range("7", "name", nameRule),
  },
  {
    title: "DeleteAlias: another region",
    send: ({ client }) =>
      client.send(new DeleteAliasCommand({ FunctionName: arn("f").replace("us-east-1", "eu-west-1"), Name: "first" })),
    ...wrongRegion,
  },
  {
    title: "ListAliases: unknown function",
    send: ({ client }) => client.send(new ListAliasesCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  {
    title: "ListAliases: no items",
    send: ({ client }) => client.send(new ListAliasesCommand({ FunctionName: "f", MaxItems: 0 })),
    ...violated,
    message: range("0", "maxItems", lowest(1)),
  },
  {
    title: "ListAliases: marker",
    send: ({ client }) => client.send(new ListAliasesCommand({ FunctionName: "f", Marker: "x" })),
    ...invalid,
    message: /^Invalid Marker: /,
  },

  // A version that an alias names stays; an alias is not deleted as a version is, nor changed as a function is.
  {
    title: "DeleteFunction: version that an alias names",
    send: ({ client }) => client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1" })),
    ...conflict,
    message: "Unable to delete version because the following aliases reference it: [first]",
  },
  {
    title: "DeleteFunction: alias",
    send: ({ client }) => client.send(new DeleteFunctionCommand({ FunctionName: "f:first" })),
    ...invalid,
    message: "Deletion of aliases is not currently supported.",
  },
  {
    title: "UpdateFunctionCode: alias",
    send: ({ client }) =>
      client.send(new UpdateFunctionCodeCommand({ FunctionName: "f:first", ZipFile: Buffer.from("x") })),
    ...invalid,
    message: unqualified,
  },
  {
    title: "UpdateFunctionConfiguration: alias",
    send: ({ client }) => client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f:first", Timeout: 9 })),
    ...invalid,
    message: unqualified,
  },
  {
    title: "PublishVersion: alias",
    send: ({ client }) => client.send(new PublishVersionCommand({ FunctionName: `${arn("f")}:first` })),
    ...invalid,
    message: unqualified,
  },

  ...[
    { name: "f:first", qualifier: "1", ...invalid, message: mismatch },
    { name: `${arn("f")}:first`, qualifier: "$LATEST", ...invalid, message: mismatch },
    { name: "123456789012:function:f:1", qualifier: "first", ...invalid, message: mismatch },
    { name: "f", qualifier: "First", ...missing, message: `Function not found: ${arn("f")}:First` },
  ].flatMap(({ name, qualifier, ...rest }): Case[] => [
    {
      title: `GetFunction: ${name} ${qualifier}`,
      send: ({ client }) => client.send(new GetFunctionCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
    {
      title: `GetFunctionConfiguration: ${name} ${qualifier}`,
      send: ({ client }) =>
        client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
    {
      title: `Invoke: ${name} ${qualifier}`,
      send: ({ client }) => client.send(new InvokeCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
  ]),
];
