/** Shorthand for tests that deploy functions through the public API. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type CreateFunctionCommandInput,
  type InvokeCommandInput,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { zipOf } from "./zip.ts";

export const role = "arn:aws:iam::000000000000:role/test";

/** Creates a Node.js function from the source of its `index.mjs` (or from files) and waits until it is active. */
export async function deploy(
  client: LambdaClient,
  name: string,
  source: string | Parameters<typeof zipOf>[0],
  settings: Partial<CreateFunctionCommandInput> = {},
): Promise<void> {
  const files = typeof source === "string" ? { "index.mjs": source } : source;
  await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: role,
      Code: { ZipFile: await zipOf(files) },
      ...settings,
    }),
  );
  await updated(client, name);
}

/** Resolves when the function is active and no update is in progress; throws at once when the server is gone. */
export async function updated(client: LambdaClient, name: string): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    if (found.State === "Failed" || found.LastUpdateStatus === "Failed") {
      throw new Error(`${name}: ${found.StateReason ?? found.LastUpdateStatusReason}`);
    }
    if (found.State === "Active" && found.LastUpdateStatus === "Successful") return;
    await sleep(20);
  }
  throw new Error(`${name} did not become active`);
}

export interface Answer {
  status: number;
  error: string | undefined;
  version: string | undefined;
  payload: unknown;
  /** Decoded LogResult. */
  log: string;
}

export async function call(
  client: LambdaClient,
  name: string,
  event: unknown = {},
  settings: Partial<InvokeCommandInput> = {},
): Promise<Answer> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: "Tail", ...settings }),
  );
  const text = answer.Payload?.transformToString() ?? "";
  return {
    status: answer.StatusCode ?? 0,
    error: answer.FunctionError,
    version: answer.ExecutedVersion,
    payload: text === "" ? undefined : (JSON.parse(text) as unknown),
    log: Buffer.from(answer.LogResult ?? "", "base64").toString(),
  };
}
