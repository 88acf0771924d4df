/** The OCI runtimes, each by running a jail with it. */
import { containerRuntime, probeOciRuntime } from "../../sandbox/jail/probe.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

const PROGRAMS = ["crun", "runc"];
const NOT_INSTALLED = "not installed";

/** One finding each, and `missing` where none of them works; without root they can only be seen, not tried. */
export async function checkOciRuntimes(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of PROGRAMS) findings.push(await checkOciRuntime(name));
  const isRoot = process.getuid?.() === 0;
  const usable = findings.some(({ status, detail }) => (isRoot ? status === "ok" : detail !== NOT_INSTALLED));
  if (usable) return findings;
  return [
    ...findings,
    { name: "OCI runtime", status: "missing", detail: "none that works", todo: "apt-get install runc" },
  ];
}

async function checkOciRuntime(name: string): Promise<Finding> {
  const installed = await firstLine(name, ["--version"]);
  if (installed === undefined) return { name, status: "info", detail: NOT_INSTALLED };
  if (process.getuid?.() !== 0) return { name, status: "info", detail: `${installed}; trying a jail needs root` };
  const { version, ok, reason } = await probeOciRuntime(containerRuntime(name));
  const detail = version === "" ? installed : version;
  if (ok) return { name, status: "ok", detail: `${detail}; a test jail ran` };
  return { name, status: "info", detail: `${detail}; it cannot run Kiln's jails here: ${reason}` };
}
