/** Starts the programs that a benchmark compares, and ends them. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { LambdaClient } from "@aws-sdk/client-lambda";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");

export interface Running {
  port: number;
  stop(): Promise<void>;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once("exit", (status) =>
      reject(new Error(`the program ended with status ${status} before it was ready: ${text}`)),
    );
  });
}

/** @param file A server of this folder that prints its port. */
export async function startBaseline(file = "baseline.ts", parameters: readonly string[] = []): Promise<Running> {
  const child = spawn(process.execPath, [join(root, "bench", file), ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = Number(await firstLine(child, /(\d+)\n/));
  return {
    port,
    stop: async () => {
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface RunningKiln extends Running {
  client: LambdaClient;
  state: string;
  keys: Keys;
  pid: number;
}

export async function startKiln(environment: Record<string, string> = {}): Promise<RunningKiln> {
  const state = await mkdtemp(join(tmpdir(), "kiln-bench-"));
  const child = spawn(join(root, "bin/kiln"), ["serve", "--state", state, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
    // Without authentication, where a benchmark does not ask for it: the load tool signs nothing.
    env: { ...process.env, KILN_AUTH: "off", ...environment },
  });
  const port = Number(await firstLine(child, /http:\/\/127\.0\.0\.1:(\d+)/));
  const endpoint = JSON.parse(await readFile(join(state, "endpoint.json"), "utf8")) as Keys;
  const { accessKeyId, secretAccessKey } = endpoint;
  const client = new LambdaClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
    // The client's own default is 50: more calls would wait for each other.
    requestHandler: { httpsAgent: { maxSockets: 1000 }, httpAgent: { maxSockets: 1000 } },
  });
  return {
    port,
    client,
    state,
    keys: { accessKeyId, secretAccessKey },
    pid: child.pid ?? 0,
    stop: async () => {
      client.destroy();
      child.kill("SIGTERM");
      await ended(child);
      await rm(state, { recursive: true, force: true });
      await rm(`${state}.key`, { force: true });
    },
  };
}

export interface Load {
  calls: number;
  failures: number;
  perSecond: number;
  /** µs */
  p50: number;
  p99: number;
  min: number;
}

export async function load(
  port: number,
  path: string,
  connections: number,
  seconds: number,
  payload: string,
  headers = "",
): Promise<Load> {
  const { stdout } = await run(process.execPath, [
    join(root, "bench/load.ts"),
    "127.0.0.1",
    String(port),
    path,
    String(connections),
    String(seconds),
    payload,
    headers,
  ]);
  const result = JSON.parse(stdout) as Load;
  if (result.failures > 0) throw new Error(`${result.failures} of ${result.calls} calls failed`);
  return result;
}
