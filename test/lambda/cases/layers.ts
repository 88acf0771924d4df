/**
 * Mistakes with layers. Functions may unpack to 100 bytes; there are `l` (two versions, the first with the statement
 * `s1`), `l1` (with the statement `s1`) to `l5`, all of 18 bytes, `large` (95) and `larger` (99).
 */
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type PublishLayerVersionCommandInput,
} from "@aws-sdk/client-lambda";
import { layerArn, request } from "../support.ts";
import {
  conflict,
  highest,
  invalid,
  lowest,
  missing,
  range,
  stale,
  violated,
  type Case,
  type Expected,
} from "./case.ts";

const code = Buffer.from("x");
const notThere = { ...missing, message: "The resource you requested does not exist." };
const tooSmall = { ...invalid, message: "Layer Version Cannot be less than 1" };
const denied = { status: 403, code: "AccessDeniedException" };
const action = "lambda:GetLayerVersion";
const versionPattern = String.raw`((arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))`;
/** As AWS printed them in 2026, in its order. */
const creatable =
  "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, " +
  "java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, " +
  "nodejs18.x, provided.al2, java8.al2";
const searchable =
  "ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, python3.8, " +
  "java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, java25, java17, nodejs, " +
  "nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, byol, nodejs10.x, provided.al2023, nodejs22.x, python3.10, " +
  "java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, python3.12, nodejs14.x, nodejs8.9, nodejs26.x, python3.13, " +
  "python3.14, nodejs16.x, python3.15, provided.al2, nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, " +
  "ruby2.5, python3.6, python2.7";
const otherRegion = "arn:aws:lambda:eu-west-1:123456789012:layer:l";

function published(title: string, changes: Partial<PublishLayerVersionCommandInput>, rest: Expected): Case {
  return {
    title: `PublishLayerVersion: ${title}`,
    send: ({ client }) =>
      client.send(new PublishLayerVersionCommand({ LayerName: "new", Content: { ZipFile: code }, ...changes })),
    ...rest,
  };
}

/** A function's layers, on creation and on a change. */
function used(title: string, layers: string[], rest: Expected): Case[] {
  return [
    {
      title: `CreateFunction: ${title}`,
      send: ({ client }) => client.send(new CreateFunctionCommand(request("new", { Layers: layers }))),
      ...rest,
    },
    {
      title: `UpdateFunctionConfiguration: ${title}`,
      send: ({ client }) => client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers: layers })),
      ...rest,
    },
  ];
}

/** The three operations on policies. */
function permission(title: string, LayerName: string, VersionNumber: number, rest: Expected): Case[] {
  const version = { LayerName, VersionNumber };
  const statement = { ...version, StatementId: "s9" };
  return [
    {
      title: `AddLayerVersionPermission: ${title}`,
      send: ({ client }) =>
        client.send(new AddLayerVersionPermissionCommand({ ...statement, Action: action, Principal: "*" })),
      ...rest,
    },
    {
      title: `RemoveLayerVersionPermission: ${title}`,
      send: ({ client }) => client.send(new RemoveLayerVersionPermissionCommand(statement)),
      ...rest,
    },
    {
      title: `GetLayerVersionPolicy: ${title}`,
      send: ({ client }) => client.send(new GetLayerVersionPolicyCommand(version)),
      ...rest,
    },
  ];
}

function add(title: string, changes: object, rest: Expected): Case {
  const statement = { LayerName: "l", VersionNumber: 1, StatementId: "s2", Action: action, Principal: "*" };
  return {
    title: `AddLayerVersionPermission: ${title}`,
    send: ({ client }) => client.send(new AddLayerVersionPermissionCommand({ ...statement, ...changes })),
    ...rest,
  };
}

function got(title: string, LayerName: string, VersionNumber: number, rest: Expected): Case {
  return {
    title: `GetLayerVersion: ${title}`,
    send: ({ client }) => client.send(new GetLayerVersionCommand({ LayerName, VersionNumber })),
    ...rest,
  };
}

function byArn(title: string, Arn: string, rest: Expected): Case {
  return {
    title: `GetLayerVersionByArn: ${title}`,
    send: ({ client }) => client.send(new GetLayerVersionByArnCommand({ Arn })),
    ...rest,
  };
}

const revision =
  "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id";

export const layerCases: Case[] = [
  published("no content", { Content: {} }, { ...invalid, message: "Please provide a source for function code." }),
  published(
    "empty zip",
    { Content: { ZipFile: Buffer.alloc(0) } },
    { ...invalid, message: "Uploaded file must be a non-empty zip" },
  ),
  published(
    "zip too large",
    { Content: { ZipFile: Buffer.alloc(52_428_801) } },
    { status: 413, code: "RequestEntityTooLargeException", message: /^Zipped size must be smaller than 52428800/ },
  ),
  published(
    "content in S3",
    { Content: { S3Bucket: "bucket", S3Key: "key" } },
    {
      ...invalid,
      message: /^Code in S3 cannot be read, because Kiln was started without an object store\. Set KILN_S3_ENDPOINT/,
    },
  ),
  published(
    "unknown runtime and architecture",
    {
      CompatibleRuntimes: ["invalid" as "nodejs", "invalid2" as "nodejs", "nodejs20.x"],
      CompatibleArchitectures: ["invalidarch" as "arm64", "x86_64"],
    },
    {
      ...violated,
      // Which of the two comes first differs between AWS's own answers.
      message:
        "2 validation errors detected: Value '[invalidarch, x86_64]' at 'compatibleArchitectures' failed to satisfy " +
        "constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not " +
        "be null]; Value '[invalid, invalid2, nodejs20.x]' at 'compatibleRuntimes' failed to satisfy constraint: Member " +
        `must satisfy enum value set: [${creatable}]`,
    },
  ),
  published(
    "too many runtimes",
    { CompatibleRuntimes: Array.from({ length: 16 }, () => "nodejs24.x" as const) },
    { ...violated, message: /Member must have length less than or equal to 15/ },
  ),
  published(
    "long description",
    { Description: "x".repeat(257) },
    { ...violated, message: /'description' failed .* length less than or equal to 256/ },
  ),
  published(
    "long license",
    { LicenseInfo: "x".repeat(513) },
    { ...violated, message: /'licenseInfo' failed .* length less than or equal to 512/ },
  ),
  published("name that is none", { LayerName: "l!" }, { ...violated, message: /'l!' at 'layerName' failed/ }),
  published("other region", { LayerName: otherRegion }, notThere),

  got("unknown layer", "nothing", 1, notThere),
  got("unknown version", "l", 3, notThere),
  got("version beyond all numbers", "l", 10 ** 15, notThere),
  got("version 0", "l", 0, tooSmall),
  got("negative version", "l", -1, tooSmall),
  got("negative version of no layer", "nothing", -1, tooSmall),
  got("other region", otherRegion, 1, notThere),
  got("a version's ARN", layerArn("l", 1), 1, { ...violated, message: /at 'layerName' failed/ }),
  byArn("unknown version", layerArn("l", 3), notThere),
  byArn("version 0", layerArn("l", 0), tooSmall),
  byArn("one of AWS's own", "arn:aws:lambda:::awslayer:AmazonLinux1703", notThere),
  byArn("no version", layerArn("l"), {
    ...violated,
    message: range(layerArn("l"), "arn", `Member must satisfy regular expression pattern: ${versionPattern}`),
  }),
  {
    title: "DeleteLayerVersion: negative version",
    send: ({ client }) => client.send(new DeleteLayerVersionCommand({ LayerName: "l", VersionNumber: -1 })),
    ...tooSmall,
  },
  {
    title: "ListLayers: unknown architecture",
    send: ({ client }) => client.send(new ListLayersCommand({ CompatibleArchitecture: "x" as "arm64" })),
    ...violated,
    message: range("x", "compatibleArchitecture", "Member must satisfy enum value set: [x86_64, arm64]"),
  },
  {
    title: "ListLayers: unknown runtime",
    send: ({ client }) => client.send(new ListLayersCommand({ CompatibleRuntime: "x" as "nodejs" })),
    ...violated,
    message: range("x", "compatibleRuntime", `Member must satisfy enum value set: [${searchable}]`),
  },
  {
    title: "ListLayers: no items",
    send: ({ client }) => client.send(new ListLayersCommand({ MaxItems: 0 })),
    ...violated,
    message: range("0", "maxItems", lowest(1)),
  },
  {
    title: "ListLayerVersions: too many items",
    send: ({ client }) => client.send(new ListLayerVersionsCommand({ LayerName: "l", MaxItems: 51 })),
    ...violated,
    message: range("51", "maxItems", highest(50)),
  },
  {
    title: "ListLayerVersions: marker",
    send: ({ client }) => client.send(new ListLayerVersionsCommand({ LayerName: "l", Marker: "x" })),
    ...invalid,
    message: /^Invalid Marker: /,
  },

  ...permission("unknown layer", "nothing", 1, {
    ...missing,
    message: `Layer version ${layerArn("nothing", 1)} does not exist.`,
  }),
  ...permission("unknown version", "l", 3, {
    ...missing,
    message: `Layer version ${layerArn("l", 3)} does not exist.`,
  }),
  ...permission("version 0", "l", 0, tooSmall),
  add(
    "other action",
    { Action: "*" },
    {
      ...violated,
      message: range("*", "action", "Member must satisfy regular expression pattern: lambda:GetLayerVersion"),
    },
  ),
  add("principal that is none", { Principal: "me" }, { ...violated, message: /^1 .* 'me' at 'principal' failed/ }),
  add("organization that is none", { OrganizationId: "o-x" }, { ...violated, message: /'o-x' at 'organizationId'/ }),
  add(
    "existing statement",
    { StatementId: "s1" },
    {
      ...conflict,
      message:
        "The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement.",
    },
  ),
  add("wrong revision", { RevisionId: "wrong" }, { ...stale, message: revision }),
  add("revision of no policy", { VersionNumber: 2, RevisionId: "wrong" }, { ...stale, message: revision }),
  {
    title: "RemoveLayerVersionPermission: unknown statement",
    send: ({ client }) =>
      client.send(
        new RemoveLayerVersionPermissionCommand({ LayerName: "l", VersionNumber: 1, StatementId: "doesnotexist" }),
      ),
    ...missing,
    message: "Statement doesnotexist is not found in resource policy.",
  },
  {
    title: "RemoveLayerVersionPermission: wrong revision",
    send: ({ client }) =>
      client.send(
        new RemoveLayerVersionPermissionCommand({
          LayerName: "l",
          VersionNumber: 1,
          StatementId: "s1",
          RevisionId: "wrong",
        }),
      ),
    ...stale,
    message: revision,
  },
  {
    title: "GetLayerVersionPolicy: no policy",
    send: ({ client }) => client.send(new GetLayerVersionPolicyCommand({ LayerName: "l", VersionNumber: 2 })),
    ...missing,
    message: "No policy is associated with the given resource.",
  },

  ...used(
    "six layers",
    [1, 2, 3, 4, 5, 6].map((index) => layerArn(`l${index}`, 1)),
    {
      ...invalid,
      message: "Cannot reference more than 5 layers.",
    },
  ),
  ...[
    [layerArn("l", 1), layerArn("l", 2)],
    [layerArn("l", 1), layerArn("l", 1)],
  ].flatMap(([one = "", two = ""]) =>
    used("two versions of one layer", [layerArn("l1", 1), one, two], {
      ...invalid,
      message:
        "Two different versions of the same layer are not allowed to be referenced in the same function. " +
        `${one} and ${two} are versions of the same layer.`,
    }),
  ),
  ...[
    layerArn("nothing", 1),
    layerArn("l", 9),
    layerArn("l", 0),
    "arn:aws:lambda:::awslayer:AmazonLinux1703",
    `arn:aws:lambda:us-east-1:123456789012:layer:l:${"9".repeat(20)}`,
  ].flatMap((missed) =>
    used(`unknown layer ${missed}`, [missed], { ...invalid, message: `Layer version ${missed} does not exist.` }),
  ),
  ...used("no version", [layerArn("l")], {
    ...violated,
    message: range(
      `[${layerArn("l")}]`,
      "layers",
      "Member must satisfy constraint: [Member must have length less than or equal to 2048, " +
        "Member must have length greater than or equal to 1, " +
        `Member must satisfy regular expression pattern: ${versionPattern}, Member must not be null]`,
    ),
  }),
  ...used("other region", [`${otherRegion}:1`], {
    ...invalid,
    message: "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.",
  }),
  ...used("layers that are too large", [layerArn("large", 1), layerArn("l", 1)], {
    ...invalid,
    message: "Layers consume more than the available size of 100 bytes",
  }),
  {
    title: "CreateFunction: code and layers that are too large together",
    send: ({ client }) => client.send(new CreateFunctionCommand(request("new", { Layers: [layerArn("larger", 1)] }))),
    ...invalid,
    message:
      "Function code combined with layers exceeds the maximum allowed size of 100 bytes. The actual size is 110 bytes.",
  },
  {
    title: "UpdateFunctionCode: code and layers that are too large together",
    async send({ client, functions }) {
      const change = { FunctionName: "f", Layers: [layerArn("l", 1)] };
      await client.send(new UpdateFunctionConfigurationCommand(change));
      await functions.settled();
      return client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile: Buffer.alloc(83) }));
    },
    ...invalid,
    message:
      "Function code combined with layers exceeds the maximum allowed size of 100 bytes. The actual size is 101 bytes.",
  },
];

const user = "User: arn:aws:iam::210987654321:root is not authorized to perform:";
const refusal = (what: string, resource: string): Expected => ({
  ...denied,
  message: `${user} ${what} on resource: ${resource} because no resource-based policy allows the ${what} action`,
});
const foreign = { LayerName: layerArn("l"), VersionNumber: 1 };

/** What another account may not do with a layer that nobody has shared. */
export const sharingCases: Case[] = [
  got("not shared", layerArn("l"), 1, refusal(action, layerArn("l", 1))),
  got("not shared, and not there", layerArn("l"), 9, refusal(action, layerArn("l", 9))),
  byArn("not shared", layerArn("l", 1), refusal(action, layerArn("l", 1))),
  byArn("in another region", "arn:aws:lambda:eu-west-1:123456789012:layer:l:1", {
    ...refusal(action, "arn:aws:lambda:eu-west-1:123456789012:layer:l:1"),
  }),
  published("of another account", { LayerName: layerArn("l") }, refusal("lambda:PublishLayerVersion", layerArn("l"))),
  add("of another account", foreign, refusal("lambda:AddLayerVersionPermission", layerArn("l"))),
  {
    title: "DeleteLayerVersion: of another account",
    send: ({ client }) => client.send(new DeleteLayerVersionCommand(foreign)),
    ...refusal("lambda:DeleteLayerVersion", layerArn("l")),
  },
  {
    title: "ListLayerVersions: of another account",
    send: ({ client }) => client.send(new ListLayerVersionsCommand({ LayerName: layerArn("l") })),
    ...refusal("lambda:ListLayerVersions", layerArn("l")),
  },
  {
    title: "CreateFunction: with a layer of another account",
    send: ({ client }) =>
      client.send(
        new CreateFunctionCommand(
          request("f", { Role: "arn:aws:iam::210987654321:role/test", Layers: [layerArn("l", 1)] }),
        ),
      ),
    ...refusal(action, layerArn("l", 1)),
  },
];
