import { createHash } from "node:crypto";
import { arn, request, role } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";
import { time, uuid } from "../match.ts";

function shaOf(code: string): string {
  return createHash("sha256").update(code).digest("base64");
}

/** What every answer shows of a function with nothing but defaults. */
export function shown(name: string, code = `code of ${name}`): Record<string, unknown> {
  return {
    FunctionName: name,
    FunctionArn: arn(name),
    Runtime: "nodejs24.x",
    Role: role,
    Handler: "index.handler",
    CodeSize: code.length,
    CodeSha256: shaOf(code),
    Description: "",
    Timeout: 3,
    MemorySize: 128,
    Version: "$LATEST",
    TracingConfig: { Mode: "PassThrough" },
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${name}` },
    LastModified: time,
    RevisionId: uuid,
  };
}

const runtimeVersion = { RuntimeVersionConfig: { RuntimeVersionArn: "arn:kiln:runtime:nodejs24.x" } };
const pending = { State: "Pending", StateReason: "The function is being created.", StateReasonCode: "Creating" };
const active = { State: "Active", LastUpdateStatus: "Successful" };
const updating = {
  State: "Active",
  LastUpdateStatus: "InProgress",
  LastUpdateStatusReason: "The function is being created.",
  LastUpdateStatusReasonCode: "Creating",
};
const first = { ...shown("f"), Version: "1", FunctionArn: `${arn("f")}:1` };

export const functionCases: GoodCase[] = [
  good("CreateFunction", "defaults", request("new"), {
    status: 201,
    answer: { ...shown("new"), ...runtimeVersion, ...pending },
  }),
  good(
    "CreateFunction",
    "isolated by tenant",
    request("new", { TenancyConfig: { TenantIsolationMode: "PER_TENANT" } }),
    {
      status: 201,
      answer: {
        ...shown("new"),
        ...runtimeVersion,
        ...pending,
        TenancyConfig: { TenantIsolationMode: "PER_TENANT" },
      },
    },
  ),
  good("CreateFunction", "published at once", request("new", { Publish: true }), {
    status: 201,
    answer: { ...shown("new"), ...runtimeVersion, ...pending, Version: "1" },
  }),
  good(
    "GetFunction",
    "latest",
    { FunctionName: "f" },
    {
      answer: {
        Configuration: { ...shown("f"), ...runtimeVersion, ...active },
        Code: { RepositoryType: "S3", Location: /^http:\/\/127\.0\.0\.1:\d+\/_kiln\/code\// },
      },
    },
  ),
  good(
    "GetFunction",
    "version in the name",
    { FunctionName: `${arn("f")}:1` },
    { answer: { Configuration: { ...first, ...runtimeVersion, ...active }, Code: () => true } },
  ),
  good(
    "GetFunctionConfiguration",
    "latest",
    { FunctionName: "f" },
    { answer: { ...shown("f"), ...runtimeVersion, ...active } },
  ),
  good(
    "GetFunctionConfiguration",
    "$LATEST by its qualifier",
    { FunctionName: "123456789012:function:f", Qualifier: "$LATEST" },
    { answer: { ...shown("f"), ...runtimeVersion, ...active, FunctionArn: `${arn("f")}:$LATEST` } },
  ),
  good("ListFunctions", "latest", {}, { answer: { Functions: [shown("f")] } }),
  good(
    "ListFunctions",
    "all versions, a page of one",
    { FunctionVersion: "ALL", MaxItems: 1 },
    { answer: { Functions: [{ ...shown("f"), FunctionArn: `${arn("f")}:$LATEST` }], NextMarker: /./ } },
  ),
  good(
    "ListVersionsByFunction",
    "all",
    { FunctionName: "f" },
    { answer: { Versions: [{ ...shown("f"), FunctionArn: `${arn("f")}:$LATEST` }, first] } },
  ),
  good(
    "UpdateFunctionCode",
    "zip",
    { FunctionName: "f", ZipFile: Buffer.from("new") },
    { answer: { ...shown("f", "new"), ...runtimeVersion, ...updating } },
  ),
  good(
    "UpdateFunctionConfiguration",
    "some members",
    { FunctionName: "f", Timeout: 10, MemorySize: 512, Environment: { Variables: { STAGE: "a" } } },
    {
      answer: {
        ...shown("f"),
        ...runtimeVersion,
        ...updating,
        Timeout: 10,
        MemorySize: 512,
        Environment: { Variables: { STAGE: "a" } },
      },
    },
  ),
  good(
    "PublishVersion",
    "nothing has changed",
    { FunctionName: "f" },
    { status: 201, answer: { ...first, ...runtimeVersion, ...active } },
  ),
  good("DeleteFunction", "all of it", { FunctionName: "f" }, { status: 204, answer: { StatusCode: 204 } }),
  good(
    "DeleteFunction",
    "one version",
    { FunctionName: "f", Qualifier: "1" },
    { status: 204, answer: { StatusCode: 204 } },
  ),
  good(
    "Invoke",
    "request and response",
    { FunctionName: "f", Payload: Buffer.from('{"a":1}') },
    {
      answer: {
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        Payload: (payload: Uint8Array) => Buffer.from(payload).toString() === '{"a":1}',
      },
    },
  ),
  good(
    "Invoke",
    "dry run",
    { FunctionName: "f", InvocationType: "DryRun" },
    { status: 204, answer: { StatusCode: 204 } },
  ),
  good(
    "InvokeWithResponseStream",
    "chunks and the end",
    { FunctionName: "f", Payload: Buffer.from('{"a":1}') },
    {
      answer: {
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        ResponseStreamContentType: "application/vnd.amazon.eventstream",
        EventStream: [
          {
            PayloadChunk: { Payload: (payload: Uint8Array) => Buffer.from(payload).toString() === '{"a":1}' },
          },
          { InvokeComplete: {} },
        ],
      },
    },
  ),
  good(
    "InvokeWithResponseStream",
    "dry run",
    { FunctionName: "f", InvocationType: "DryRun" },
    { status: 204, answer: { StatusCode: 204, EventStream: [] } },
  ),
  good(
    "GetAccountSettings",
    "everything",
    {},
    {
      answer: {
        AccountLimit: {
          TotalCodeSize: 80_530_636_800,
          CodeSizeUnzipped: 262_144_000,
          CodeSizeZipped: 52_428_800,
          ConcurrentExecutions: 1000,
          UnreservedConcurrentExecutions: 1000,
        },
        AccountUsage: { FunctionCount: 1, TotalCodeSize: 2 * "code of f".length },
      },
    },
  ),
];
