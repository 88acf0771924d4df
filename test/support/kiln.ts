/** Runs the real program for a test: its own state directory, its own port, and a check that it left nothing. */
import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, type Dirent } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { systemCode } from "../../src/base/errors.ts";
import { instanceName, loadConfig } from "../../src/config/index.ts";
import { FORWARDING_DIR } from "../../src/sandbox/host/network/forwarding.ts";
import { linkPrefixOf } from "../../src/sandbox/host/network/host-network.ts";
import { devicesWithPrefix } from "../../src/sandbox/host/network/link.ts";

export const root = resolve(import.meta.dirname, "../..");
export const kilnProgram = join(root, "bin/kiln");

export interface Endpoint {
  url: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  pid: number;
  caFile?: string;
}

export interface TestKiln {
  state: string;
  /** Of the running server. */
  endpoint(): Endpoint;
  client(): LambdaClient;
  start(): Promise<void>;
  /** SIGTERM, as an operator stops it. Rejects when it does not end with status 0. */
  stop(): Promise<void>;
  /** SIGKILL, as power loss or the OOM killer would. */
  kill(): Promise<void>;
  /** Its output so far. */
  output(): string;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", (status) => resolve(status)));
}

/** Where the key of a state directory lies when nothing else is said. */
export function keyFileOf(state: string): string {
  return `${state}.key`;
}

/** A state directory with the files that Kiln keeps beside it. */
export async function removeState(state: string): Promise<void> {
  await rm(state, { recursive: true, force: true });
  for (const file of [keyFileOf(state), `${state}.audit.key`, `${state}.audit.seen`]) await rm(file, { force: true });
}

/** Makes a state directory (in `parent`) and starts Kiln on it; everything ends with the test. */
export async function startTestKiln(
  context: TestContext,
  environment: Record<string, string> = {},
  parent = tmpdir(),
): Promise<TestKiln> {
  const state = await mkdtemp(join(parent, "kiln-test-"));
  let child: ChildProcess | undefined;
  let current: Endpoint | undefined;
  let text = "";
  const clients: LambdaClient[] = [];

  const kiln: TestKiln = {
    state,
    output: () => text,
    endpoint() {
      if (current === undefined) throw new Error("Kiln is not running");
      return current;
    },
    client() {
      const { url, region, accessKeyId, secretAccessKey, caFile } = kiln.endpoint();
      const client = new LambdaClient({
        endpoint: url,
        region,
        credentials: { accessKeyId, secretAccessKey },
        maxAttempts: 1,
        ...(caFile && { requestHandler: { httpsAgent: new Agent({ ca: readFileSync(caFile) }) } }),
      });
      clients.push(client);
      return client;
    },
    async start() {
      const started = spawn(kilnProgram, ["serve", "--state", state, "--listen", "127.0.0.1:0"], {
        stdio: ["ignore", "pipe", "pipe"],
        // Without authentication, where a test does not ask for it: its clients may sign with anything.
        env: { ...process.env, KILN_AUTH: "off", KILN_DRAIN_MS: "5000", ...environment },
      });
      child = started;
      const before = text.length;
      started.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
      started.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
      await new Promise<void>((resolve, reject) => {
        started.once("exit", (status) =>
          reject(new Error(`kiln serve ended with status ${status}:\n${text.slice(before)}`)),
        );
        started.stdout?.on("data", () => {
          if (/Kiln is ready at https?:/.test(text.slice(before))) resolve();
        });
      });
      current = JSON.parse(await readFile(join(state, "endpoint.json"), "utf8")) as Endpoint;
    },
    async stop() {
      if (child === undefined) return;
      child.kill("SIGTERM");
      const status = await ended(child);
      child = undefined;
      if (status !== 0) throw new Error(`kiln serve ended with status ${status}:\n${text}`);
    },
    async kill() {
      if (child === undefined) return;
      child.kill("SIGKILL");
      await ended(child);
      child = undefined;
    },
  };

  context.after(async () => {
    for (const client of clients) client.destroy();
    if (child === undefined) {
      // A killed Kiln's leftovers are the next start's to clean; the test is the last one on this directory.
      if (leftovers(state).length > 0) await kiln.start();
    }
    await kiln.stop();
    await removeState(state);
  });
  await kiln.start();
  return kiln;
}

/** Directories of jails; a /tmp that outlives its jail has a dot in its name. The last that goes of a jail. */
export function jailsOf(state: string): string[] {
  const dir = join(loadConfig({}, process.env).runDir, instanceName(state), "jails");
  return readdirSync(dir).filter((name) => !name.includes("."));
}

/** Mounts, control groups and processes on the host that mention this state directory's instance. */
export function leftovers(state: string): string[] {
  const instance = instanceName(state);
  const found: string[] = [];
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    if (line.includes(instance) || line.includes(state)) found.push(`mount ${line}`);
  }
  for (const line of cgroupsNamed(instance)) found.push(`cgroup ${line}`);
  return [...found, ...networkTraces(instance)];
}

function below(folder: string): string[] {
  return entriesOf(folder).map(({ name }) => join(folder, name));
}

/** What an instance has of the network that this process is in: its table, its links, its claims on forwarding. */
export function networkTraces(instance: string): string[] {
  const tables = execFileSync("nft", ["list", "tables"], { encoding: "utf8" }).split("\n");
  const links = devicesWithPrefix(linkPrefixOf(instance));
  const claims = below(FORWARDING_DIR).flatMap(below).flatMap(below);
  return [
    ...tables.filter((line) => line === `table inet kiln-${instance}`),
    ...links.map((name) => `link ${name}`),
    ...claims.filter((path) => path.endsWith(`/${instance}`)).map((path) => `forwarding ${path}`),
  ];
}

/** Other Kilns on the host come and go. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

function cgroupsNamed(instance: string): string[] {
  const found: string[] = [];
  const walk = (folder: string, depth: number): void => {
    for (const entry of entriesOf(folder)) {
      if (!entry.isDirectory()) continue;
      if (entry.name === instance) found.push(join(folder, entry.name));
      else if (depth < 4) walk(join(folder, entry.name), depth + 1);
    }
  };
  walk("/sys/fs/cgroup", 0);
  return found;
}

export interface Finished {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; never rejects for its exit status. */
export function run(
  program: string,
  parameters: readonly string[],
  environment: Record<string, string> = {},
  input?: string,
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...parameters],
      { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024, encoding: "utf8" },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ status, stdout, stderr });
      },
    );
    // A program that ends without reading its input is no failure of the test.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input ?? "");
  });
}
