/** Brings a function to what the user wants, and waits until it can be called with it. */
import { createHash } from "node:crypto";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type FunctionConfiguration,
  type LambdaClient,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { CommandError } from "../errors.ts";
import { defaultRole } from "./default-role.ts";
import type { Source } from "../package/source.ts";
import { familyOf, newestRuntime } from "./newest-runtime.ts";
import { settled } from "./settled.ts";

/** What the user asked for; undefined means: as it is, or the default. */
export interface Wishes {
  runtime: string | undefined;
  handler: string | undefined;
  role: string | undefined;
  memory: number | undefined;
  timeout: number | undefined;
  environment: Record<string, string> | undefined;
}

export interface Deployment {
  client: LambdaClient;
  name: string;
  /** Its code: a zip, made of something of the user's, or a container image. */
  code: { kind: "zip"; source: Source; zip: Uint8Array } | { kind: "image"; uri: string };
  wishes: Wishes;
  say: (text: string) => void;
}

export interface Deployed {
  action: "created" | "updated" | "unchanged";
  configuration: FunctionConfiguration;
}

export async function createOrUpdate(deployment: Deployment): Promise<Deployed> {
  const { client, name, say } = deployment;
  const current = await find(client, name);
  if (current === undefined) {
    say("creating the function");
    await create(deployment);
    return { action: "created", configuration: await settled(client, name, say) };
  }
  const changed = [await updateCode(deployment, current), await updateConfiguration(deployment, current)];
  const configuration = await settled(client, name, say);
  return { action: changed.includes(true) ? "updated" : "unchanged", configuration };
}

async function find(client: LambdaClient, name: string): Promise<FunctionConfiguration | undefined> {
  try {
    return await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "ResourceNotFoundException") return undefined;
    throw thrown;
  }
}

async function create({ client, name, code, wishes }: Deployment): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      ...(code.kind === "image"
        ? { PackageType: "Image", Code: { ImageUri: code.uri } }
        : { ...programOf(code.source, wishes), Code: { ZipFile: code.zip } }),
      Role: wishes.role ?? (await defaultRole(client)),
      MemorySize: wishes.memory,
      Timeout: wishes.timeout,
      Environment: wishes.environment === undefined ? undefined : { Variables: wishes.environment },
    }),
  );
}

function programOf(source: Source, wishes: Wishes): { Runtime: Runtime; Handler: string } {
  const handler = wishes.handler ?? source.program?.handler;
  if (handler === undefined) {
    throw new CommandError(
      `It is not clear what to call in ${source.describe}: at the top there is no index.mjs, index.js, index.cjs, ` +
        "lambda_function.py, lambda_function.rb or executable bootstrap.",
      "Say it with --runtime and --handler, for instance --runtime nodejs24.x --handler src/app.handler.",
    );
  }
  return {
    Runtime: (wishes.runtime ?? newestRuntime(source.program?.family ?? "nodejs")) as Runtime,
    Handler: handler,
  };
}

/** Answers whether there was something to change. */
async function updateCode({ client, name, code, say }: Deployment, current: FunctionConfiguration): Promise<boolean> {
  const { CodeSha256: before } = current;
  if (code.kind === "zip" && before === createHash("sha256").update(code.zip).digest("base64")) return false;
  say("updating the code");
  await settled(client, name, say);
  const changed = code.kind === "zip" ? { ZipFile: code.zip } : { ImageUri: code.uri };
  // Only the server knows what a tag stands for now.
  const { CodeSha256: after } = await client.send(new UpdateFunctionCodeCommand({ FunctionName: name, ...changed }));
  return before !== after;
}

async function updateConfiguration(
  { client, name, code, wishes, say }: Deployment,
  current: FunctionConfiguration,
): Promise<boolean> {
  const source = code.kind === "zip" ? code.source : undefined;
  const handler = wishes.handler ?? source?.program?.handler;
  const runtime = wishes.runtime ?? (source && otherLanguage(source, current));
  const wanted: [unknown, unknown][] = [
    [handler, current.Handler],
    [runtime, current.Runtime],
    [wishes.role, current.Role],
    [wishes.memory, current.MemorySize],
    [wishes.timeout, current.Timeout],
    [sorted(wishes.environment), sorted(current.Environment?.Variables ?? {})],
  ];
  if (wanted.every(([wish, has]) => wish === undefined || wish === has)) return false;
  say("updating the configuration");
  await settled(client, name, say);
  await client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: name,
      Handler: handler,
      Runtime: runtime as Runtime | undefined,
      Role: wishes.role,
      MemorySize: wishes.memory,
      Timeout: wishes.timeout,
      Environment: wishes.environment === undefined ? undefined : { Variables: wishes.environment },
    }),
  );
  return true;
}

/** A function whose code is in another language now needs another runtime. */
function otherLanguage({ program }: Source, { Runtime: current }: FunctionConfiguration): string | undefined {
  return program === undefined || program.family === familyOf(current) ? undefined : newestRuntime(program.family);
}

function sorted(variables: Record<string, string> | undefined): string | undefined {
  if (variables === undefined) return undefined;
  return JSON.stringify(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)));
}
