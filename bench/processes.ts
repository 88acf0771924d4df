/** Starts the programs that a benchmark compares, and ends them. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { LambdaClient } from "@aws-sdk/client-lambda";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");

export interface Running {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

/** The first group of the pattern in what the program writes, which says that it is ready. */
export function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once("error", reject);
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
    pid: child.pid ?? 0,
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
  /** ms from its start until it said that it listens. */
  startMs: number;
  /** Asks the probe inside; see `harness/probe.ts`. Throws where the Kiln was started without. */
  ask(action: string): Promise<unknown>;
}

export interface KilnOptions {
  /** Another checkout of the project, for a comparison with this one; default this one. */
  tree?: string;
  probe?: boolean;
}

export async function startKiln(
  environment: Record<string, string> = {},
  { tree = root, probe = false }: KilnOptions = {},
): Promise<RunningKiln> {
  const state = await mkdtemp(join(tmpdir(), "kiln-bench-"));
  const startedAt = performance.now();
  const child = spawn(join(tree, "bin/kiln"), ["serve", "--state", state, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit", ...(probe ? (["ipc"] as const) : [])],
    // Without authentication, where a benchmark does not ask for it: most load is not signed.
    env: {
      ...process.env,
      KILN_AUTH: "off",
      ...(probe ? { NODE_OPTIONS: `--import=${join(root, "bench/harness/probe.ts")}` } : {}),
      ...environment,
    },
  });
  const remove = async (): Promise<void> => {
    await rm(state, { recursive: true, force: true });
    for (const end of ["key", "audit.key", "audit.seen"]) await rm(`${state}.${end}`, { force: true });
  };
  const ready = firstLine(child, /http:\/\/127\.0\.0\.1:(\d+)/).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const port = Number(await ready);
  const startMs = performance.now() - startedAt;
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
    startMs,
    keys: { accessKeyId, secretAccessKey },
    pid: child.pid ?? 0,
    async ask(action) {
      if (!probe) throw new Error("this Kiln has no probe");
      child.send(action);
      const [{ name, result, error }] = (await once(child, "message")) as [
        { name: string; result: unknown; error?: string },
      ];
      if (name !== action || error !== undefined) throw new Error(`the probe answers ${name}: ${error ?? ""}`);
      return result;
    },
    stop: async () => {
      client.destroy();
      child.kill("SIGTERM");
      await ended(child);
      await remove();
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
  /** µs of the load tool's own processor time, from the first connection to the last answer. */
  cpuPerCall: number;
}

/** An argument of a program is bounded; larger payloads go through a file. */
const ARGUMENT_BYTES = 64 * 1024;

/**
 * @param headers Lines that end in CRLF.
 * @param keys Each request is signed with them.
 */
export async function load(
  port: number,
  path: string,
  connections: number,
  seconds: number,
  payload: string,
  headers = "",
  keys?: Keys,
): Promise<Load> {
  const file = payload.length > ARGUMENT_BYTES ? join(tmpdir(), `kiln-bench-payload-${process.pid}`) : undefined;
  if (file !== undefined) await writeFile(file, payload);
  try {
    const parameters = [
      "127.0.0.1",
      port,
      path,
      connections,
      seconds,
      file === undefined ? payload : `@${file}`,
      headers,
    ];
    const signing = keys === undefined ? {} : { KILN_LOAD_KEYS: `${keys.accessKeyId}:${keys.secretAccessKey}` };
    const { stdout } = await run(process.execPath, [join(root, "bench/load.ts"), ...parameters.map(String)], {
      env: { ...process.env, ...signing },
    });
    const result = JSON.parse(stdout) as Load;
    if (result.failures > 0) throw new Error(`${result.failures} of ${result.calls} calls failed`);
    return result;
  } finally {
    if (file !== undefined) await rm(file, { force: true });
  }
}
