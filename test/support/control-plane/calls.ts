/** Calls of the control plane, drawn at random: few names, so that they meet one another. */
import * as sdk from "@aws-sdk/client-lambda";
import { boolean, constantFrom, integer, record, type Arbitrary } from "fast-check";

export interface Call {
  kind: keyof typeof performers;
  name: "f" | "g";
  alias: "live" | "next";
  layer: "l" | "m";
  /** Distance from the newest version; 0 is $LATEST. */
  version: number;
  /** One of the things to choose from. */
  choice: number;
  flag: boolean;
}

export interface Caller {
  client: sdk.LambdaClient;
  account: string;
  /** Zips with different content. */
  zips: readonly Buffer[];
}

type Performer = (caller: Caller, call: Call) => Promise<unknown>;

/** A qualifier: $LATEST, a version that may be there, or the alias. */
async function qualifierOf({ client }: Caller, { name, version, alias, flag }: Call): Promise<string> {
  return flag ? alias : versionOf(client, name, version);
}

async function versionOf(client: sdk.LambdaClient, name: string, distance: number): Promise<string> {
  if (distance === 0) return "$LATEST";
  const { Versions = [] } = await client.send(new sdk.ListVersionsByFunctionCommand({ FunctionName: name }));
  return Versions.slice(1).at(-distance)?.Version ?? Versions.at(-1)?.Version ?? "1";
}

/** The newest version of a layer, or an earlier one. */
async function layerVersionOf({ client }: Caller, layer: string, distance: number): Promise<number> {
  const { LayerVersions = [] } = await client.send(new sdk.ListLayerVersionsCommand({ LayerName: layer }));
  return LayerVersions.at(Math.min(distance, LayerVersions.length - 1))?.Version ?? 1;
}

const layerArnOf = ({ account }: Caller, name: string, version: number) =>
  `arn:aws:lambda:us-east-1:${account}:layer:${name}:${version}`;

/** Both layers, one, or none. */
async function layersOf(caller: Caller, { choice, version, layer }: Call): Promise<string[]> {
  const found = async (name: string, distance: number) =>
    layerArnOf(caller, name, await layerVersionOf(caller, name, distance));
  if (choice === 0) return [];
  if (choice === 1) return [await found(layer, version)];
  const both = [await found("l", version), await found("m", 0)];
  return choice === 2 ? both : both.toReversed();
}

const sources = (account: string) => [
  { EventSourceArn: `arn:aws:sqs:us-east-1:${account}:one` },
  { EventSourceArn: `arn:aws:sqs:us-east-1:${account}:two` },
  { EventSourceArn: `arn:aws:kinesis:us-east-1:${account}:stream/s`, StartingPosition: "LATEST" as const },
  {
    Topics: ["t"],
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["k:9092", "l:9092"] } },
    SourceAccessConfigurations: [
      { Type: "BASIC_AUTH" as const, URI: `arn:aws:secretsmanager:us-east-1:${account}:secret:s-abcdef` },
    ],
  },
];

async function mappingOf({ client }: Caller, choice: number): Promise<string> {
  const { EventSourceMappings = [] } = await client.send(new sdk.ListEventSourceMappingsCommand({}));
  return EventSourceMappings.at(choice)?.UUID ?? "00000000-0000-4000-8000-000000000000";
}

async function signingOf({ client, account }: Caller, choice: number): Promise<string> {
  const { CodeSigningConfigs = [] } = await client.send(new sdk.ListCodeSigningConfigsCommand({}));
  const none = `arn:aws:lambda:us-east-1:${account}:code-signing-config:csc-0123456789abcdef0`;
  return CodeSigningConfigs.at(choice)?.CodeSigningConfigArn ?? none;
}

let content = 0;

const performers = {
  createFunction: (caller, call) =>
    caller.client.send(
      new sdk.CreateFunctionCommand({
        FunctionName: call.name,
        Runtime: "nodejs24.x",
        Role: `arn:aws:iam::${caller.account}:role/test`,
        Handler: "index.handler",
        Code: { ZipFile: caller.zips[call.choice] },
        Publish: call.flag,
      }),
    ),
  updateCode: ({ client, zips }, { name, choice, flag }) =>
    client.send(new sdk.UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zips[choice], Publish: flag })),
  configure: ({ client }, { name }) =>
    client.send(
      new sdk.UpdateFunctionConfigurationCommand({ FunctionName: name, Description: `change ${(content += 1)}` }),
    ),
  useLayers: async (caller, call) =>
    caller.client.send(
      new sdk.UpdateFunctionConfigurationCommand({ FunctionName: call.name, Layers: await layersOf(caller, call) }),
    ),
  publish: ({ client }, { name }) => client.send(new sdk.PublishVersionCommand({ FunctionName: name })),
  deleteVersion: async ({ client }, { name, version }) =>
    client.send(
      new sdk.DeleteFunctionCommand({
        FunctionName: name,
        Qualifier: await versionOf(client, name, Math.max(version, 1)),
      }),
    ),
  deleteFunction: ({ client }, { name }) => client.send(new sdk.DeleteFunctionCommand({ FunctionName: name })),
  createAlias: async ({ client }, { name, alias, version }) =>
    client.send(
      new sdk.CreateAliasCommand({
        FunctionName: name,
        Name: alias,
        FunctionVersion: await versionOf(client, name, version),
      }),
    ),
  updateAlias: async ({ client }, { name, alias, version, choice, flag }) => {
    const second = await versionOf(client, name, choice);
    return client.send(
      new sdk.UpdateAliasCommand({
        FunctionName: name,
        Name: alias,
        FunctionVersion: await versionOf(client, name, version),
        RoutingConfig: { AdditionalVersionWeights: flag ? { [second]: 0.5 } : {} },
      }),
    );
  },
  deleteAlias: ({ client }, { name, alias }) =>
    client.send(new sdk.DeleteAliasCommand({ FunctionName: name, Name: alias })),
  createUrl: ({ client }, { name, alias, flag }) =>
    client.send(
      new sdk.CreateFunctionUrlConfigCommand({ FunctionName: flag ? `${name}:${alias}` : name, AuthType: "NONE" }),
    ),
  updateUrl: ({ client }, { name, alias, flag, choice }) =>
    client.send(
      new sdk.UpdateFunctionUrlConfigCommand({
        FunctionName: flag ? `${name}:${alias}` : name,
        Cors: { MaxAge: choice },
      }),
    ),
  deleteUrl: ({ client }, { name, alias, flag }) =>
    client.send(new sdk.DeleteFunctionUrlConfigCommand({ FunctionName: flag ? `${name}:${alias}` : name })),
  createMapping: ({ client, account }, { name, choice, flag }) =>
    client.send(
      new sdk.CreateEventSourceMappingCommand({ FunctionName: name, Enabled: flag, ...sources(account)[choice] }),
    ),
  updateMapping: async (caller, { name, choice, flag }) =>
    caller.client.send(
      new sdk.UpdateEventSourceMappingCommand({
        UUID: await mappingOf(caller, choice),
        Enabled: flag,
        ...(choice === 0 ? { FunctionName: name } : {}),
      }),
    ),
  deleteMapping: async (caller, { choice }) =>
    caller.client.send(new sdk.DeleteEventSourceMappingCommand({ UUID: await mappingOf(caller, choice) })),
  publishLayer: ({ client, zips }, { layer, choice }) =>
    client.send(new sdk.PublishLayerVersionCommand({ LayerName: layer, Content: { ZipFile: zips[choice] } })),
  deleteLayer: async (caller, { layer, choice }) =>
    caller.client.send(
      new sdk.DeleteLayerVersionCommand({
        LayerName: layer,
        VersionNumber: await layerVersionOf(caller, layer, choice),
      }),
    ),
  allowLayer: async (caller, { layer, version }) =>
    caller.client.send(
      new sdk.AddLayerVersionPermissionCommand({
        LayerName: layer,
        VersionNumber: await layerVersionOf(caller, layer, version),
        StatementId: "s",
        Action: "lambda:GetLayerVersion",
        Principal: "*",
      }),
    ),
  refuseLayer: async (caller, { layer, version }) =>
    caller.client.send(
      new sdk.RemoveLayerVersionPermissionCommand({
        LayerName: layer,
        VersionNumber: await layerVersionOf(caller, layer, version),
        StatementId: "s",
      }),
    ),
  allow: async (caller, call) =>
    caller.client.send(
      new sdk.AddPermissionCommand({
        FunctionName: `${call.name}:${await qualifierOf(caller, call)}`.replace(":$LATEST", ""),
        StatementId: "s",
        Action: "lambda:InvokeFunction",
        Principal: "s3.amazonaws.com",
      }),
    ),
  refuse: async (caller, call) =>
    caller.client.send(
      new sdk.RemovePermissionCommand({
        FunctionName: `${call.name}:${await qualifierOf(caller, call)}`.replace(":$LATEST", ""),
        StatementId: "s",
      }),
    ),
  keepEvents: async (caller, call) =>
    caller.client.send(
      new sdk.PutFunctionEventInvokeConfigCommand({
        FunctionName: call.name,
        Qualifier: await qualifierOf(caller, call),
        MaximumRetryAttempts: 1,
      }),
    ),
  forgetEvents: async (caller, call) =>
    caller.client.send(
      new sdk.DeleteFunctionEventInvokeConfigCommand({
        FunctionName: call.name,
        Qualifier: await qualifierOf(caller, call),
      }),
    ),
  manageRuntime: async ({ client }, { name, version }) =>
    client.send(
      new sdk.PutRuntimeManagementConfigCommand({
        FunctionName: name,
        Qualifier: await versionOf(client, name, version),
        UpdateRuntimeOn: "FunctionUpdate",
      }),
    ),
  allowLoops: ({ client }, { name }) =>
    client.send(new sdk.PutFunctionRecursionConfigCommand({ FunctionName: name, RecursiveLoop: "Allow" })),
  reserve: ({ client }, { name, choice }) =>
    client.send(
      new sdk.PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: choice * 250 }),
    ),
  giveBack: ({ client }, { name }) => client.send(new sdk.DeleteFunctionConcurrencyCommand({ FunctionName: name })),
  provision: async (caller, call) =>
    caller.client.send(
      new sdk.PutProvisionedConcurrencyConfigCommand({
        FunctionName: call.name,
        Qualifier: await qualifierOf(caller, call),
        ProvisionedConcurrentExecutions: 1 + call.choice * 100,
      }),
    ),
  unprovision: async (caller, call) =>
    caller.client.send(
      new sdk.DeleteProvisionedConcurrencyConfigCommand({
        FunctionName: call.name,
        Qualifier: await qualifierOf(caller, call),
      }),
    ),
  makeSigning: ({ client, account }) =>
    client.send(
      new sdk.CreateCodeSigningConfigCommand({
        AllowedPublishers: {
          SigningProfileVersionArns: [`arn:aws:signer:us-east-1:${account}:/signing-profiles/test`],
        },
      }),
    ),
  removeSigning: async (caller, { choice }) =>
    caller.client.send(
      new sdk.DeleteCodeSigningConfigCommand({ CodeSigningConfigArn: await signingOf(caller, choice) }),
    ),
  sign: async (caller, { name, choice }) =>
    caller.client.send(
      new sdk.PutFunctionCodeSigningConfigCommand({
        FunctionName: name,
        CodeSigningConfigArn: await signingOf(caller, choice),
      }),
    ),
  unsign: ({ client }, { name }) => client.send(new sdk.DeleteFunctionCodeSigningConfigCommand({ FunctionName: name })),
  tag: ({ client, account }, { name, choice, flag }) => {
    const Resource = `arn:aws:lambda:us-east-1:${account}:function:${name}`;
    return flag
      ? client.send(new sdk.TagResourceCommand({ Resource, Tags: { [`k${choice}`]: "v" } }))
      : client.send(new sdk.UntagResourceCommand({ Resource, TagKeys: [`k${choice}`] }));
  },
} satisfies Record<string, Performer>;

export const callKinds = Object.keys(performers) as Call["kind"][];

/** What makes something that others need comes more often, and a function's end less often. */
const often: Call["kind"][] = ["createFunction", "publish", "configure", "createAlias", "updateAlias", "publishLayer"];
const drawn = callKinds.flatMap((kind) =>
  kind === "deleteFunction" ? [kind] : often.includes(kind) ? Array(6).fill(kind) : [kind, kind],
) as Call["kind"][];

export const anyCall: Arbitrary<Call> = record({
  kind: constantFrom(...drawn),
  name: constantFrom("f", "f", "f", "g"),
  alias: constantFrom("live", "next"),
  layer: constantFrom("l", "m"),
  version: integer({ min: 0, max: 2 }),
  choice: integer({ min: 0, max: 3 }),
  flag: boolean(),
});

const plain: Omit<Call, "kind"> = { name: "f", alias: "live", layer: "l", version: 1, choice: 1, flag: true };

/** What makes the first of each thing, so that later calls find something. */
export const beginning: readonly Call[] = [
  { ...plain, kind: "publishLayer" },
  { ...plain, kind: "publishLayer", layer: "m" },
  { ...plain, kind: "makeSigning" },
  { ...plain, kind: "createFunction" },
  { ...plain, kind: "createAlias" },
  { ...plain, kind: "createMapping" },
  { ...plain, kind: "createFunction", name: "g" },
];

/** Every call there is, after the beginning and in an order in which none is refused. */
export const walkthrough: readonly Call[] = (
  [
    ["configure"],
    ["publish"],
    ["useLayers"],
    ["updateCode"],
    ["updateAlias", { version: 1, choice: 2 }],
    ["updateAlias", { flag: false }],
    ["createUrl"],
    ["updateUrl"],
    ["deleteUrl"],
    ["updateMapping", { choice: 0 }],
    ["deleteMapping", { choice: 0 }],
    ["allowLayer"],
    ["refuseLayer"],
    ["deleteLayer"],
    ["allow"],
    ["refuse"],
    ["keepEvents"],
    ["forgetEvents"],
    ["manageRuntime"],
    ["allowLoops"],
    ["provision", { choice: 0 }],
    ["unprovision"],
    ["reserve"],
    ["giveBack"],
    ["sign", { choice: 0 }],
    ["unsign"],
    ["removeSigning", { choice: 0 }],
    ["tag"],
    ["tag", { flag: false }],
    ["deleteAlias"],
    ["deleteVersion"],
    ["deleteFunction"],
  ] satisfies [Call["kind"], Partial<Call>?][]
).map(([kind, changes = {}]) => ({ ...plain, kind, ...changes }));

/** `ok`, or the name of the refusal. Throws what is no refusal. */
export async function perform(caller: Caller, call: Call): Promise<string> {
  try {
    await (performers[call.kind] as Performer)(caller, call);
    return "ok";
  } catch (error) {
    const { name, $metadata } = error as sdk.LambdaServiceException;
    if (error instanceof sdk.LambdaServiceException && ($metadata.httpStatusCode ?? 500) < 500) return name;
    throw error;
  }
}

/** Deletes all that there is. */
export async function deleteEverything({ client }: Caller): Promise<void> {
  const { EventSourceMappings = [] } = await client.send(new sdk.ListEventSourceMappingsCommand({}));
  for (const { UUID } of EventSourceMappings) await client.send(new sdk.DeleteEventSourceMappingCommand({ UUID }));
  const { Functions = [] } = await client.send(new sdk.ListFunctionsCommand({}));
  for (const { FunctionName } of Functions) await client.send(new sdk.DeleteFunctionCommand({ FunctionName }));
  for await (const { Layers = [] } of sdk.paginateListLayers({ client }, {})) {
    for (const { LayerName } of Layers) {
      for await (const { LayerVersions = [] } of sdk.paginateListLayerVersions({ client }, { LayerName })) {
        for (const { Version: VersionNumber } of LayerVersions) {
          await client.send(new sdk.DeleteLayerVersionCommand({ LayerName, VersionNumber }));
        }
      }
    }
  }
  for await (const { CodeSigningConfigs = [] } of sdk.paginateListCodeSigningConfigs({ client }, {})) {
    for (const { CodeSigningConfigArn } of CodeSigningConfigs) {
      await client.send(new sdk.DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }));
    }
  }
}
