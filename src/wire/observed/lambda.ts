/** AWS Lambda as its answers show it, in 2024 to 2026. Sizes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
import { constraintTables } from "../constraints/index.ts";
import { defaults, type Observed } from "./observed.ts";

/** 50 MiB of zip in Base64, and room for the other members. */
const withZip = 70_167_211;
const synchronous = 6 * 1024 * 1024;
const asynchronous = 1024 * 1024;

/** Runtimes that functions can be created with, in AWS's order. */
const creatableRuntimes =
  "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, " +
  "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, " +
  "dotnet6, nodejs18.x, provided.al2, java8.al2";

/** Those that layers can be searched by. */
const layerRuntimes =
  "ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, python3.8, " +
  "java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, java25, java17, nodejs, " +
  "nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, byol, nodejs10.x, provided.al2023, nodejs22.x, python3.10, " +
  "java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, python3.12, nodejs14.x, nodejs8.9, nodejs26.x, python3.13, " +
  "python3.14, nodejs16.x, python3.15, provided.al2, nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, " +
  "ruby2.5, python3.6, python2.7";

export const lambda: Observed = {
  ...defaults,
  internal: { code: "ServiceException", message: "The AWS Lambda service encountered an internal error.", status: 500 },
  bodyLimits: {
    CreateFunction: { bytes: withZip },
    UpdateFunctionCode: { bytes: withZip },
    PublishLayerVersion: { bytes: withZip },
    Invoke: {
      bytes: synchronous,
      printedName: "InvokeFunction",
      when: {
        header: "x-amz-invocation-type",
        value: "Event",
        bytes: asynchronous,
        message: (length, limit) =>
          `${length} byte payload is too large for the Event invocation type (limit ${limit} bytes)`,
      },
    },
    InvokeAsync: { bytes: asynchronous },
    InvokeWithResponseStream: { bytes: synchronous },
  },
  enumOrder: {
    Architecture: ["x86_64", "arm64"],
    EventSourcePosition: ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"],
    InvokeMode: ["RESPONSE_STREAM", "BUFFERED"],
    RecursiveLoop: ["Terminate", "Allow"],
    Runtime: creatableRuntimes.split(", "),
    SnapStartApplyOn: ["PublishedVersions", "None"],
    "ListLayersRequest.CompatibleRuntime": layerRuntimes.split(", "),
    "ListLayerVersionsRequest.CompatibleRuntime": layerRuntimes.split(", "),
  },
  nullableEntries: ["SubnetIds", "SecurityGroupIds"],
  bareEntryEnums: ["Runtime"],
  lateEnums: ["CreateFunctionRequest", "UpdateFunctionConfigurationRequest"].map((structure) => ({
    structure,
    member: "Runtime",
    known: constraintTables["lambda"]?.shapes["Runtime"]?.enum ?? [],
    printed: creatableRuntimes.split(", "),
  })),
};
