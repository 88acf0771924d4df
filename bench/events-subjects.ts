/** Who is asked in the benchmark of events: Kiln, a bare server that appends and syncs, and a job queue on Redis. */
import { spawn, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { instanceName } from "../src/config/index.ts";
import { kept } from "../tools/test-cache.ts";
import { benchFunction, deployEcho } from "./functions.ts";
import { jailsMicros, processMicros, treeMicros } from "./harness/cpu.ts";
import type { Absent } from "./harness/finding.ts";
import { ended, firstLine, startBaseline, startKiln, type RunningKiln } from "./processes.ts";

export interface EventSubject {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  /** Lines of the request that hands an event over. */
  readonly headers: string;
  readonly kiln?: RunningKiln;
  /** Events so far; undefined where they are only kept. */
  readonly handled?: () => Promise<number>;
  /** µs of processor time so far, of all that belongs to it. */
  readonly cpu: () => number;
  stop(): Promise<void>;
}

export const environments = 4;
export const invocations = `/2015-03-31/functions/${benchFunction}/invocations`;

export async function appendingSubject(): Promise<EventSubject> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-bench-append-"));
  const server = await startBaseline("events-baseline.ts", [join(dir, "events")]);
  return {
    name: "append, fsync (node:http)",
    port: server.port,
    path: "/",
    headers: "",
    cpu: () => treeMicros(server.pid),
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true });
    },
  };
}

export async function kilnSubject(name: string, tree?: string): Promise<EventSubject> {
  const kiln = await startKiln({ KILN_REQUEST_RATE: "0" }, tree === undefined ? {} : { tree });
  try {
    await deployEcho(kiln.client);
    const reserved = { FunctionName: benchFunction, ReservedConcurrentExecutions: environments };
    await kiln.client.send(new PutFunctionConcurrencyCommand(reserved));
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: "{}" }));
  } catch (error) {
    await kiln.stop();
    throw error;
  }
  const instance = instanceName(kiln.state);
  return {
    name,
    port: kiln.port,
    path: invocations,
    headers: "X-Amz-Invocation-Type: Event\r\n",
    kiln,
    // Begun, which is what takes a place; the last few end moments later.
    handled: () => metric(kiln, "kiln_async_event_age_milliseconds_count"),
    cpu: () => processMicros(kiln.pid) + (jailsMicros(instance) ?? 0),
    stop: () => kiln.stop(),
  };
}

/** Of the one function: what its metrics say now. */
async function metric(kiln: RunningKiln, name: string): Promise<number> {
  return (await series(kiln, name)).reduce((sum, [, value]) => sum + value, 0);
}

export async function series(kiln: RunningKiln, name: string): Promise<[labels: string, value: number][]> {
  const text = await (await fetch(`http://127.0.0.1:${kiln.port}/_kiln/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]);
}

/** BullMQ, or why this machine has not got it. */
export async function bullmqSubject(): Promise<EventSubject | Absent> {
  const subject = "BullMQ, Redis with appendfsync always";
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
  } catch {
    return { subject, reason: "there is no redis-server on this machine (Debian: apt-get install redis-server)" };
  }
  const packages = await bullmqPackages();
  const dir = await mkdtemp(join(tmpdir(), "kiln-bench-redis-"));
  const port = String(20_000 + (process.pid % 10_000));
  const settings = ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--dir", dir];
  const redis = spawn("redis-server", ["--bind", "127.0.0.1", "--port", port, ...settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await firstLine(redis, /Ready to accept (connections)/);
  const peer = spawn(process.execPath, [join(import.meta.dirname, "bullmq/peer.cjs"), port], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_PATH: join(packages, "node_modules") },
  });
  const listening = Number(await firstLine(peer, /^(\d+)/));
  return {
    name: subject,
    port: listening,
    path: "/",
    headers: "",
    handled: async () => Number(await (await fetch(`http://127.0.0.1:${listening}/`)).text()),
    cpu: () => treeMicros(peer.pid ?? 0) + treeMicros(redis.pid ?? 0),
    async stop() {
      for (const process of [peer, redis]) {
        process.kill("SIGKILL");
        await ended(process);
      }
      await rm(dir, { recursive: true });
    },
  };
}

/** Installed beside the tests' own packages: nothing of Kiln needs them. */
function bullmqPackages(): Promise<string> {
  const manifest = join(import.meta.dirname, "bullmq/package.json");
  return kept("bullmq", [manifest], ["npm", "--version"], async (made) => {
    execFileSync("cp", [manifest, made]);
    const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    execFileSync("npm", ["install", ...options], { cwd: made, stdio: ["ignore", "ignore", "inherit"] });
    createRequire(join(made, "package.json")).resolve("bullmq");
  });
}
