/** Shorthand for tests that deploy functions through the public API. */
import {
  CreateFunctionCommand,
  InvokeCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
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
  source: string | Readonly<Record<string, string>>,
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
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName: name });
}

export async function updated(client: LambdaClient, name: string): Promise<void> {
  await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName: name });
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
