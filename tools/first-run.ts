/** Deploys the samples with the kiln command and calls them on real input. */
import { spawn } from "node:child_process";
import { access, readFile, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

const root = resolve(import.meta.dirname, "..");
const thumbnail = join(root, "samples/thumbnail");

/** Runs a program of the project with its output on the terminal. Resolves to whether it succeeded. */
async function run(program: string, parameters: readonly string[], folder: string, endpoint: string): Promise<boolean> {
  const child = spawn(program, parameters, {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint },
  });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (status) => resolve(status === 0));
  });
}

function kiln(endpoint: string, ...parameters: string[]): Promise<boolean> {
  const shown = parameters.map((word) => (/^[\w./:=@-]+$/.test(word) ? word : `'${word}'`));
  console.log(`\n$ bin/kiln ${shown.join(" ")}`);
  return run(join(root, "bin/kiln"), parameters, root, endpoint);
}

async function installSharp(endpoint: string): Promise<boolean> {
  const installed = await access(join(thumbnail, "node_modules/sharp/package.json")).then(
    () => true,
    () => false,
  );
  if (installed) return true;
  console.log("\n$ (cd samples/thumbnail && npm ci)    # the image library sharp");
  return run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], thumbnail, endpoint);
}

interface Thumbnail {
  image: string;
  width: number;
  height: number;
}

/** Sends the photograph through the public API and writes the smaller picture beside it. */
async function shrinkPhoto(endpoint: string): Promise<string | undefined> {
  const photo = await readFile(join(thumbnail, "photo.jpg"));
  const client = new LambdaClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "000000000000", secretAccessKey: "first-run" },
  });
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
export async function runSamples(endpoint: string): Promise<string | undefined> {
  console.log("\nFirst run: two samples, through the public API.");
  if (!(await kiln(endpoint, "deploy", "samples/hello"))) return "kiln deploy samples/hello failed";
  if (!(await kiln(endpoint, "invoke", "hello", "--payload", '{"name":"Ada"}'))) return "kiln invoke hello failed";
  if (!(await installSharp(endpoint))) return "npm ci in samples/thumbnail failed";
  if (!(await kiln(endpoint, "deploy", "samples/thumbnail", "--memory", "1024", "--timeout", "30"))) {
    return "kiln deploy samples/thumbnail failed";
  }
  console.log("\nThe photograph goes in, a smaller picture comes out:");
  return shrinkPhoto(endpoint);
}
