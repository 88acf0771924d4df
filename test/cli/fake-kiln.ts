/** A small Lambda in memory behind the real wire, and the real logs: enough for the command line to talk to. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import * as lambda from "@aws-sdk/client-lambda";
import { ServiceError } from "../../src/base/errors.ts";
import { createFunctionLogs, type FunctionLogs } from "../../src/observability/logs/index.ts";
import { logsService } from "../../src/services/logs/index.ts";
import type { ServiceDefinition } from "../../src/wire/contract.ts";
import { constraintTables } from "../../src/wire/index.ts";
import { scope, startWire } from "../logs/wire-server.ts";

export interface FakeKiln {
  state: string;
  url: string;
  logs: FunctionLogs;
  functions: Map<string, FakeFunction>;
}

interface FakeFunction extends lambda.FunctionConfiguration {
  zip: Uint8Array;
  url?: lambda.FunctionUrlConfig;
  permissions?: Map<string, lambda.AddPermissionRequest>;
  /** Answers of GetFunctionConfiguration that still say Pending or InProgress. */
  busy: number;
}

export async function startFakeKiln(t: TestContext): Promise<FakeKiln> {
  const state = mkdtempSync(join(tmpdir(), "kiln-cli-"));
  const logs = createFunctionLogs({ dir: join(state, "logs") });
  t.after(async () => {
    await logs.close();
    rmSync(state, { recursive: true });
  });
  const functions = new Map<string, FakeFunction>();
  const constraints = constraintTables["logs"];
  const url = await startWire(t, [lambdaService(functions, logs), logsService({ logs, constraints })]);
  const credentials = { accessKeyId: scope.account, secretAccessKey: "it's secret" };
  writeFileSync(
    join(state, "endpoint.json"),
    JSON.stringify({ url, region: scope.region, ...credentials, pid: process.pid, dataPath: join(state, "aws-data") }),
    { mode: 0o600 },
  );
  return { state, url, logs, functions };
}

function lambdaService(functions: Map<string, FakeFunction>, logs: FunctionLogs): ServiceDefinition {
  const find = (name: string | undefined): FakeFunction => {
    const found = functions.get(name ?? "");
    if (found !== undefined) return found;
    const arn = `arn:aws:lambda:us-east-1:${scope.account}:function:${name}`;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, { status: 404 });
  };
  const operations = {
    async CreateFunction({ Code, Environment, ...input }: lambda.CreateFunctionRequest) {
      const name = input.FunctionName ?? "";
      const created: FakeFunction = {
        ...(input as lambda.FunctionConfiguration),
        FunctionArn: `arn:aws:lambda:us-east-1:${scope.account}:function:${name}`,
        MemorySize: input.MemorySize ?? 128,
        Timeout: input.Timeout ?? 3,
        Version: "$LATEST",
        State: "Active",
        LastUpdateStatus: "Successful",
        LastModified: "2026-01-31T12:00:00.000+0000",
        ...(Environment === undefined ? {} : { Environment }),
        ...codeOf(Code?.ZipFile),
        busy: 2,
      };
      functions.set(name, created);
      return configurationOf(created);
    },
    async GetFunctionConfiguration({ FunctionName }: lambda.GetFunctionConfigurationRequest) {
      const found = find(FunctionName);
      if (found.busy <= 0) return configurationOf(found);
      found.busy -= 1;
      return { ...configurationOf(found), State: "Pending", LastUpdateStatus: "InProgress" };
    },
    async UpdateFunctionCode({ FunctionName, ZipFile }: lambda.UpdateFunctionCodeRequest) {
      return configurationOf(Object.assign(find(FunctionName), codeOf(ZipFile), { busy: 1 }));
    },
    async UpdateFunctionConfiguration({ FunctionName, ...input }: lambda.UpdateFunctionConfigurationRequest) {
      const changes = Object.entries(input).filter(([, value]) => value !== undefined);
      return configurationOf(Object.assign(find(FunctionName), Object.fromEntries(changes), { busy: 1 }));
    },
    async GetFunctionUrlConfig({ FunctionName }: lambda.GetFunctionUrlConfigRequest) {
      const { url } = find(FunctionName);
      if (url !== undefined) return url;
      throw new ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", {
        status: 404,
      });
    },
    async CreateFunctionUrlConfig({ FunctionName, AuthType }: lambda.CreateFunctionUrlConfigRequest) {
      const found = find(FunctionName);
      const { FunctionArn } = found;
      const time = "2026-01-31T12:00:00.000Z";
      found.url = {
        FunctionUrl: `http://${FunctionName}.lambda-url.us-east-1.localhost:4566/`,
        FunctionArn,
        AuthType,
        CreationTime: time,
        LastModifiedTime: time,
      };
      return found.url;
    },
    async AddPermission(input: lambda.AddPermissionRequest) {
      const permissions = (find(input.FunctionName).permissions ??= new Map());
      const id = input.StatementId ?? "";
      if (permissions.has(id)) throw new ServiceError("ResourceConflictException", "It exists.", { status: 409 });
      permissions.set(id, input);
      return {};
    },
    async DeleteFunction({ FunctionName }: lambda.DeleteFunctionRequest) {
      find(FunctionName);
      functions.delete(FunctionName ?? "");
      return {};
    },
    async ListFunctions({ Marker }: lambda.ListFunctionsRequest) {
      // One per page, so that paging is used.
      const all = [...functions.values()].map(configurationOf);
      const index = Number(Marker ?? 0);
      const more = index + 1 < all.length;
      return { Functions: all.slice(index, index + 1), ...(more ? { NextMarker: String(index + 1) } : {}) };
    },
    async Invoke({ FunctionName, Payload, LogType }: lambda.InvocationRequest) {
      find(FunctionName);
      const event = JSON.parse(Buffer.from(Payload ?? []).toString()) as { fail?: boolean };
      const stream = logs.open({ ...scope, group: `/aws/lambda/${FunctionName}`, stream: "one" });
      stream.write(Date.now(), `event ${JSON.stringify(event)}\n`);
      const error = { errorType: "TypeError", errorMessage: "it broke", trace: [] };
      return {
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        Payload: Buffer.from(JSON.stringify(event.fail === true ? error : { got: event })),
        ...(event.fail === true ? { FunctionError: "Unhandled" } : {}),
        ...(LogType === "Tail" ? { LogResult: Buffer.from("START\nthe log\nEND\n").toString("base64") } : {}),
      };
    },
  };
  return {
    name: "lambda",
    protocol: "rest-json",
    schemas: Object.values(lambda),
    operations,
    constraints: undefined,
  };
}

function codeOf(zip: Uint8Array = new Uint8Array()): { zip: Uint8Array; CodeSize: number; CodeSha256: string } {
  return { zip, CodeSize: zip.length, CodeSha256: createHash("sha256").update(zip).digest("base64") };
}

function configurationOf({
  zip: _zip,
  busy: _busy,
  url: _url,
  ...configuration
}: FakeFunction): lambda.FunctionConfiguration {
  return configuration;
}
