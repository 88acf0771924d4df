/** The OCI runtimes, each by running a jail with it. */
import { probeOciRuntime } from "../../sandbox/jail/probe.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

const PROGRAMS = ["crun", "runc"];

/** One finding each, and `missing` where none of them works. */
export async function checkOciRuntimes(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of PROGRAMS) findings.push(await checkOciRuntime(name));
  if (findings.some(({ status }) => status === "ok")) return findings;
  const root = process.getuid?.() === 0;
  const todo = root ? "apt-get install runc" : "Run kiln doctor as root: jails can be tried by root only.";
  return [...findings, { name: "OCI runtime", status: "missing", detail: "none that works", todo }];
}

async function checkOciRuntime(name: string): Promise<Finding> {
  const installed = await firstLine(name, ["--version"]);
  if (installed === undefined) return { name, status: "info", detail: "not installed" };
  if (process.getuid?.() !== 0) return { name, status: "info", detail: `${installed}; trying a jail needs root` };
  const { version, ok, reason } = await probeOciRuntime(name);
  const detail = version === "" ? installed : version;
  if (ok) return { name, status: "ok", detail: `${detail}; a test jail ran` };
  return { name, status: "info", detail: `${detail}; it cannot run Kiln's jails here: ${reason}` };
}
