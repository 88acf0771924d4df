/**
 * What people use instead of Kiln, as far as this machine has it: `serverless-offline` and `miniflare` come from npm, on
 * request (`npm run bench -- peers`), AWS's Runtime Interface Emulator by path (KILN_BENCH_RIE).
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Absent } from "./harness/finding.ts";
import { treeMicros } from "./harness/cpu.ts";
import { ended, firstLine } from "./processes.ts";
import type { Subject } from "./warm-subjects.ts";

const folder = join(import.meta.dirname, "peers");
const echo = join(import.meta.dirname, "functions/echo/index.mjs");

type Peer = { subject: Subject } | { absent: string };

const peers: Record<string, () => Promise<Peer>> = {
  "AWS RIE (no isolation)": rie,
  "serverless-offline (threads)": serverlessOffline,
  "miniflare (isolates)": miniflare,
};

export async function peerSubjects(wanted: readonly string[] | undefined): Promise<[Subject[], Absent[]]> {
  const subjects: Subject[] = [];
  const absent: Absent[] = [];
  for (const [subject, start] of Object.entries(peers)) {
    if (wanted !== undefined && !wanted.some((name) => subject.toLowerCase().includes(name.toLowerCase()))) continue;
    const peer = await start();
    if ("subject" in peer) subjects.push(peer.subject);
    else absent.push({ subject, reason: peer.absent });
  }
  return [subjects, absent];
}

/** Into bench/peers, pinned; nothing of it is part of the project. */
export async function installPeers(): Promise<void> {
  const npm = ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"];
  const { stdout } = await promisify(execFile)("npm", npm, { cwd: folder });
  console.log(stdout.trim());
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function miniflare(): Promise<Peer> {
  if (!(await exists(join(folder, "node_modules/miniflare")))) return notInstalled();
  const child = spawn(process.execPath, [join(folder, "miniflare.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(await firstLine(child, /(\d+)\n/));
  return { subject: subjectOf("miniflare (isolates)", child, port, "/") };
}

async function serverlessOffline(): Promise<Peer> {
  const modules = join(folder, "node_modules");
  if (!(await exists(join(modules, "serverless-offline")))) return notInstalled();
  const home = await mkdtemp(join(tmpdir(), "kiln-bench-sls-"));
  const [httpPort, lambdaPort] = [await freePort(), await freePort()];
  await symlink(modules, join(home, "node_modules"));
  await cp(echo, join(home, "index.mjs"));
  const configuration = {
    service: "bench",
    provider: { name: "aws", runtime: "nodejs20.x" },
    plugins: ["serverless-offline"],
    functions: { echo: { handler: "index.handler", memorySize: 1769 } },
    custom: { "serverless-offline": { httpPort, lambdaPort, noTimeout: true } },
  };
  await writeFile(join(home, "serverless.json"), JSON.stringify(configuration));
  const child = spawn(process.execPath, [join(modules, "serverless/bin/serverless.js"), "offline", "start"], {
    cwd: home,
    stdio: ["ignore", "ignore", "ignore"],
    env: {
      ...process.env,
      SLS_TELEMETRY_DISABLED: "1",
      SLS_NOTIFICATIONS_MODE: "off",
      AWS_ACCESS_KEY_ID: "bench",
      AWS_SECRET_ACCESS_KEY: "bench",
    },
  });
  const path = "/2015-03-31/functions/bench-dev-echo/invocations";
  await answers(child, lambdaPort, path);
  const clean = () => rm(home, { recursive: true, force: true });
  return { subject: subjectOf("serverless-offline (threads)", child, lambdaPort, path, clean) };
}

/** One environment, one call at a time: it refuses more. The runtime is Kiln's own, outside of any jail. */
async function rie(): Promise<Peer> {
  const program = process.env["KILN_BENCH_RIE"];
  if (program === undefined) return { absent: "KILN_BENCH_RIE does not name its program" };
  const port = await freePort();
  const task = await mkdtemp(join(tmpdir(), "kiln-bench-rie-"));
  await mkdir(join(task, "task"));
  await cp(echo, join(task, "task/index.mjs"));
  const child = spawn(
    program,
    [
      "--runtime-interface-emulator-address",
      `127.0.0.1:${port}`,
      "--runtime-api-address",
      `127.0.0.1:${await freePort()}`,
      process.execPath,
      join(import.meta.dirname, "../runtimes/nodejs/index.cjs"),
    ],
    {
      cwd: join(task, "task"),
      stdio: ["ignore", "ignore", "ignore"],
      env: {
        ...process.env,
        _HANDLER: "index.handler",
        LAMBDA_TASK_ROOT: join(task, "task"),
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
        AWS_LAMBDA_FUNCTION_TIMEOUT: "60",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      },
    },
  );
  const path = "/2015-03-31/functions/function/invocations";
  await answers(child, port, path);
  const clean = () => rm(task, { recursive: true, force: true });
  return { subject: { ...subjectOf("AWS RIE (no isolation)", child, port, path, clean), connections: 1 } };
}

function notInstalled(): Peer {
  return { absent: "not installed: npm run bench -- peers" };
}

function subjectOf(
  name: string,
  child: ChildProcess,
  port: number,
  path: string,
  clean: () => Promise<void> = async () => undefined,
): Subject {
  return {
    name,
    port,
    path,
    peer: true,
    cpu: () => ({ server: treeMicros(child.pid ?? 0) }),
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended(child);
      clearTimeout(late);
      await clean();
    },
  };
}

/** Resolves when it answers a call. It says nothing that could be waited for. */
async function answers(child: ChildProcess, port: number, path: string): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    if (child.exitCode !== null) throw new Error(`the peer ended with status ${child.exitCode} before it answered`);
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: '{"n":1}' });
      if ((await answer.text()).includes('"echo"')) return;
    } catch {
      // It does not listen yet.
    }
    await sleep(100);
  }
  throw new Error("the peer does not answer");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
