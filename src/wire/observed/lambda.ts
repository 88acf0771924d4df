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
