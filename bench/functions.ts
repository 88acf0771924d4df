/** Deploys a benchmark's function through the public API. */
import { createWriteStream } from "node:fs";
import { readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  CreateFunctionCommand,
  waitUntilFunctionActiveV2,
  type LambdaClient,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { ZipFile } from "yazl";

export const benchFunction = "bench-echo";

/** The file of a function and its handler, by the family of the runtime. */
const programs = {
  nodejs: { file: "index.mjs", handler: "index.handler" },
  python: { file: "lambda_function.py", handler: "lambda_function.lambda_handler" },
} as const;

function programFor(runtime: Runtime): (typeof programs)[keyof typeof programs] {
  return runtime.startsWith("python") ? programs.python : programs.nodejs;
}

/** The code of one of the benchmarks' functions. */
export async function zipOf(folder: "echo" | "hold" | "stream", runtime: Runtime = "nodejs24.x"): Promise<Buffer> {
  const { file } = programFor(runtime);
  return zipOfFiles([{ path: join(import.meta.dirname, "functions", folder, file), name: file }]);
}

/** All files of a folder. */
export async function zipOfFolder(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return zipOfFiles(paths.map((path) => ({ path, name: relative(folder, path) })));
}

async function zipOfFiles(files: readonly { path: string; name: string }[]): Promise<Buffer> {
  const archive = join(tmpdir(), `kiln-bench-${process.pid}.zip`);
  const zip = new ZipFile();
  for (const { path, name } of files) zip.addFile(path, name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(archive));
  const bytes = await readFile(archive);
  await rm(archive);
  return bytes;
}

export async function deployEcho(client: LambdaClient, runtime: Runtime = "nodejs24.x"): Promise<void> {
  await deploy(client, benchFunction, "echo", 1769, runtime);
}

export async function deploy(
  client: LambdaClient,
  name: string,
  folder: "echo" | "hold" | "stream",
  memoryMB: number,
  runtime: Runtime = "nodejs24.x",
): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: runtime,
      Handler: programFor(runtime).handler,
      Role: "arn:aws:iam::000000000000:role/bench",
      MemorySize: memoryMB,
      Timeout: 60,
      Code: { ZipFile: await zipOf(folder, runtime) },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName: name });
}
