/** Functions and extensions that stop at a phase of their life and show it on the host, as the name of their process. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "../../src/base/errors.ts";
import { hasCode, processesOf, procText } from "../isolation/traces.ts";
import { PRELUDE } from "../worker/extension-scripts.ts";

/** A held process goes on when it gets this. */
const GO_ON = "SIGUSR2";

const HOLD = `
const hold = (phase) => new Promise((go) => {
  const living = setInterval(() => undefined, 1000);
  process.once("${GO_ON}", () => { clearInterval(living); process.title = "gone-on"; go(); });
  process.title = "held-" + phase;
});`;

/** The first time in an environment: /tmp outlives the process. */
const ONCE = `
const once = async (phase) => {
  if (process.env.HOLD !== phase || require("node:fs").existsSync("/tmp/held")) return;
  require("node:fs").writeFileSync("/tmp/held", "");
  await hold(phase);
};`;

/**
 * An event's `hold` says where: `call` before the answer, `stream` after its first bytes, `answered` between the answer
 * and the request for the next event. The variable HOLD = `init` stops the first init of an environment.
 */
export const heldFunction = `
import http from "node:http";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
${HOLD}${ONCE}
await once("init");
const post = (id, body) => new Promise((done, fail) => {
  const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
  const path = "/2018-06-01/runtime/invocation/" + id + "/response";
  const request = http.request({ host, port, method: "POST", path }, (r) => r.resume().on("end", done));
  request.on("error", fail).end(body);
});
const answer = (event) => ({ id: event.id, made: process.env.MADE ?? "first", type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE });
export const handler = async (event, context) => {
  console.log("seen " + event.id);
  if (event.name) process.title = event.name;
  if (event.hold === "call") await hold("call");
  if (event.hold === "answered") {
    await post(context.awsRequestId, JSON.stringify(answer(event)));
    await hold("answered");
  }
  return answer(event);
};
export const streaming = globalThis.awslambda.streamifyResponse(async (event, stream) => {
  console.log("seen " + event.id);
  stream.write("first ");
  if (event.hold === "stream") await hold("stream");
  stream.end("last");
});
`;

/** Of a layer. The variable HOLD = `extension` stops it before it registers, `shutdown` when it hears of the end. */
export const heldExtension = `${PRELUDE}
${HOLD}${ONCE}
(async () => {
  await once("extension");
  await register(["INVOKE", "SHUTDOWN"]);
  for (;;) {
    const { eventType } = await next();
    if (eventType !== "SHUTDOWN") continue;
    if (process.env.HOLD === "shutdown") await hold("shutdown");
    process.exit(0);
  }
})();`;

/** Processes of an instance's jails that have this name. */
export function named(instance: string, name: string): number[] {
  return processesOf(instance).filter((pid) => procText(pid, "comm").trim() === name);
}

/** The runtimes of pre-booted jails: no function's code is in sight there. */
export function preBooted(instance: string): number[] {
  return processesOf(instance).filter((pid) => !hasCode(pid) && isConnected(pid));
}

/** To its Runtime API: what is pre-booted waits there, through TCP (port 9001 is 2329) or a connected Unix socket (state 3). */
function isConnected(pid: number): boolean {
  const connected =
    / 0100007F:2329 01 /.test(procText(pid, "net/tcp")) ||
    / 03 +\d+ @kiln-runtime-api$/m.test(procText(pid, "net/unix"));
  return connected && /node|MainThread/.test(procText(pid, "comm"));
}

/** Whether a process's jail is frozen. */
export function isFrozen(pid: number): boolean {
  const groups = procText(pid, "cgroup")
    .split("\n")
    .map((line) => line.split(":"));
  const v1 = groups.find(([, controllers]) => controllers === "freezer")?.[2];
  if (v1 !== undefined) return groupText("freezer", v1, "freezer.state") === "FROZEN";
  const v2 = groups.find(([number]) => number === "0")?.[2] ?? "/";
  return /^frozen 1$/m.test(groupText(".", v2, "cgroup.events"));
}

function groupText(tree: string, group: string, file: string): string {
  try {
    return readFileSync(join("/sys/fs/cgroup", tree, group, file), "utf8").trim();
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
}

/** Looks until there is something. */
export async function until<T>(what: string, look: () => readonly T[] | Promise<readonly T[]>): Promise<readonly T[]> {
  const patience = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found.length > 0) return found;
    if (Date.now() > patience) throw new Error(`${what}: never seen`);
    await sleep(5);
  }
}

export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (systemCode(error) !== "ESRCH") throw error;
    }
  }
}

/** Lets whatever is held go on until the work is done. */
export async function lettingGo<T>(instance: string, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    const held = processesOf(instance).filter((pid) => procText(pid, "comm").startsWith("held-"));
    signal(held, GO_ON);
  }, 10);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
