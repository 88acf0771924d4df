/** Refusals because of what the function or the account is just now. */
import type { TestContext } from "node:test";
import {
  CreateCodeSigningConfigCommand,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionsByCodeSigningConfigCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionCodeSigningConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "../../lambda/api.ts";
import { conflict, invalid } from "../../lambda/cases/case.ts";
import { arn, request } from "../../lambda/support.ts";
import type { StateCase } from "./refused.ts";

const busy = "The operation cannot be performed at this time.";
const pending = { ...conflict, message: `${busy} The function is currently in the following state: Pending` };
const inProgress = { ...conflict, message: `${busy} An update is in progress for resource: ${arn("f")}` };
const exceeded = { status: 400, code: "CodeStorageExceededException", message: "Code storage limit exceeded." };
const untrusted = {
  status: 400,
  code: "CodeVerificationFailedException",
  message:
    /^Lambda cannot deploy the function\. The function or layer might be signed using a signature that the client/,
};

/** `f` is being created. */
async function creating(t: TestContext): Promise<TestApi> {
  const api = await startApi(t);
  api.artifacts.hold();
  await api.client.send(new CreateFunctionCommand(request("f")));
  return api;
}

/** An update of `f` is being prepared. */
async function updating(t: TestContext): Promise<TestApi> {
  const api = await startApi(t);
  await api.deploy("f");
  api.artifacts.hold();
  await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
  return api;
}

/** Room for the code of `f`, of nine bytes, once more, and not twice more. */
async function nearlyFull(t: TestContext): Promise<TestApi> {
  const api = await startApi(t, { limits: { totalCodeSize: 25 } });
  await api.deploy("f");
  return api;
}

async function full(t: TestContext): Promise<TestApi> {
  const api = await nearlyFull(t);
  await api.client.send(new PublishVersionCommand({ FunctionName: "f" }));
  await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
  await api.functions.settled();
  return api;
}

/** `f` uses a code signing configuration that refuses code that nobody has signed. */
async function enforced(t: TestContext): Promise<TestApi> {
  const api = await startApi(t);
  await api.deploy("f");
  const { CodeSigningConfig } = await api.client.send(
    new CreateCodeSigningConfigCommand({
      AllowedPublishers: {
        SigningProfileVersionArns: ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"],
      },
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" },
    }),
  );
  const use = { FunctionName: "f", CodeSigningConfigArn: CodeSigningConfig?.CodeSigningConfigArn };
  await api.client.send(new PutFunctionCodeSigningConfigCommand(use));
  return api;
}

async function configOf({ client }: TestApi): Promise<string | undefined> {
  return (await client.send(new ListCodeSigningConfigsCommand({}))).CodeSigningConfigs?.[0]?.CodeSigningConfigArn;
}

const send = {
  UpdateFunctionCode: ({ client }: TestApi) =>
    client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile: Buffer.alloc(17) })),
  UpdateFunctionConfiguration: ({ client }: TestApi) =>
    client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 5 })),
  PublishVersion: ({ client }: TestApi) => client.send(new PublishVersionCommand({ FunctionName: "f" })),
  Invoke: ({ client }: TestApi) => client.send(new InvokeCommand({ FunctionName: "f" })),
  InvokeAsync: ({ client }: TestApi) => client.send(new InvokeAsyncCommand({ FunctionName: "f", InvokeArgs: "{}" })),
  InvokeWithResponseStream: ({ client }: TestApi) =>
    client.send(new InvokeWithResponseStreamCommand({ FunctionName: "f" })),
  CreateFunction: ({ client }: TestApi) =>
    client.send(new CreateFunctionCommand(request("g", { Code: { ZipFile: Buffer.alloc(17) } }))),
  PublishLayerVersion: ({ client }: TestApi) =>
    client.send(new PublishLayerVersionCommand({ LayerName: "l", Content: { ZipFile: Buffer.alloc(17) } })),
};

function states(
  title: string,
  arrange: StateCase["arrange"],
  operations: (keyof typeof send)[],
  expected: Pick<StateCase, "status" | "code" | "message">,
): StateCase[] {
  return operations.map((operation) => ({
    title: `${operation}: ${title}`,
    arrange,
    send: send[operation],
    ...expected,
  }));
}

const changes: (keyof typeof send)[] = ["UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion"];

export const stateCases: StateCase[] = [
  ...states("being created", creating, [...changes, "Invoke", "InvokeAsync", "InvokeWithResponseStream"], pending),
  ...states("being updated", updating, changes, inProgress),
  ...states(
    "account nearly full",
    nearlyFull,
    ["CreateFunction", "UpdateFunctionCode", "PublishLayerVersion"],
    exceeded,
  ),
  ...states("account full", full, ["PublishVersion"], exceeded),
  ...states("signatures enforced", enforced, ["UpdateFunctionCode"], untrusted),
  {
    title: "CreateFunction: signatures enforced",
    arrange: enforced,
    send: async (api) =>
      api.client.send(new CreateFunctionCommand(request("g", { CodeSigningConfigArn: await configOf(api) }))),
    ...untrusted,
  },
  {
    title: "DeleteCodeSigningConfig: used",
    arrange: enforced,
    send: async (api) =>
      api.client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn: await configOf(api) })),
    ...conflict,
    message: /is used by functions/,
  },
  {
    title: "ListFunctionsByCodeSigningConfig: marker",
    arrange: enforced,
    send: async (api) =>
      api.client.send(
        new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn: await configOf(api), Marker: "x" }),
      ),
    ...invalid,
    message: /^Invalid Marker: /,
  },
];
