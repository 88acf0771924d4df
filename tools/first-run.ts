/** Deploys the samples with the kiln command and calls them on real input. */
import { spawn } from "node:child_process";
import { access, readFile, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { settingsOf } from "../src/cli/clients.ts";
import { notRunningIn, readEndpointFile } from "../src/cli/endpoint.ts";

const root = resolve(import.meta.dirname, "..");
const thumbnail = join(root, "samples/thumbnail");

/** Runs a program of the project with its output on the terminal. Resolves to whether it succeeded. */
async function run(program: string, parameters: readonly string[], folder: string): Promise<boolean> {
  const child = spawn(program, parameters, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (status) => resolve(status === 0));
  });
}

/** The command finds the server and its key in the state directory, which comes before what the shell may hold for AWS. */
function kiln(state: string, command: string, ...parameters: string[]): Promise<boolean> {
  const shown = [command, ...parameters].map((word) => (/^[\w./:=@-]+$/.test(word) ? word : `'${word}'`));
  console.log(`\n$ bin/kiln ${shown.join(" ")}`);
  return run(join(root, "bin/kiln"), [command, "--state", state, ...parameters], root);
}

async function installSharp(): Promise<boolean> {
  const installed = await access(join(thumbnail, "node_modules/sharp/package.json")).then(
    () => true,
    () => false,
  );
  if (installed) return true;
  console.log("\n$ (cd samples/thumbnail && npm ci)    # the image library sharp");
  return run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], thumbnail);
}

interface Thumbnail {
  image: string;
  width: number;
  height: number;
}

/** Sends the photograph through the public API and writes the smaller picture beside it. */
async function shrinkPhoto(state: string): Promise<string | undefined> {
  const photo = await readFile(join(thumbnail, "photo.jpg"));
  const endpoint = await readEndpointFile(state);
  if (endpoint === undefined) throw notRunningIn(state);
  const client = new LambdaClient(settingsOf(endpoint));
  try {
    const answer = await client.send(
      new InvokeCommand({
        FunctionName: "thumbnail",
        Payload: JSON.stringify({ image: photo.toString("base64"), width: 320 }),
      }),
    );
    const text = answer.Payload?.transformToString() ?? "";
    if (answer.FunctionError !== undefined) return `the thumbnailer failed: ${text}`;
    const result = JSON.parse(text) as Thumbnail;
    const file = join(thumbnail, "thumbnail.jpg");
    await writeFile(file, Buffer.from(result.image, "base64"));
    const after = (await stat(file)).size;
    console.log(`samples/thumbnail/photo.jpg      ${photo.length.toLocaleString("en")} bytes`);
    console.log(
      `${relative(root, file)}  ${after.toLocaleString("en")} bytes, ${result.width}x${result.height} pixels`,
    );
    return undefined;
  } finally {
    client.destroy();
  }
}

/** Undefined when all went well, else what did not. */
export async function runSamples(state: string): Promise<string | undefined> {
  console.log("\nFirst run: two samples, through the public API.");
  if (!(await kiln(state, "deploy", "samples/hello"))) return "kiln deploy samples/hello failed";
  if (!(await kiln(state, "invoke", "hello", "--payload", '{"name":"Ada"}'))) return "kiln invoke hello failed";
  if (!(await installSharp())) return "npm ci in samples/thumbnail failed";
  if (!(await kiln(state, "deploy", "samples/thumbnail", "--memory", "1024", "--timeout", "30"))) {
    return "kiln deploy samples/thumbnail failed";
  }
  console.log("\nThe photograph goes in, a smaller picture comes out:");
  return shrinkPhoto(state);
}
