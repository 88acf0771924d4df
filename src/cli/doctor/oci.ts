/** The OCI runtimes, each by running a jail with it. */
import { basename } from "node:path";
import { containerRuntimes } from "../../sandbox/jail/container-runtimes.ts";
import { probeOciRuntime } from "../../sandbox/jail/probe.ts";
import { hostCgroupLayout } from "../../sandbox/host/cgroups/layout.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

const NOT_INSTALLED = "not installed";

/**
 * One finding each, and `missing` where none of them works; without root they can only be seen, not tried.
 *
 * @param programs Those that `kiln serve` would try, by name or path.
 */
export async function checkOciRuntimes(programs: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const program of programs) findings.push(await checkOciRuntime(program));
  const isRoot = process.getuid?.() === 0;
  const usable = findings.some(({ status, detail }) => (isRoot ? status === "ok" : detail !== NOT_INSTALLED));
  if (usable) return findings;
  return [
    ...findings,
    { name: "OCI runtime", status: "missing", detail: "none that works", todo: "apt-get install runc" },
  ];
}

async function checkOciRuntime(program: string): Promise<Finding> {
  const name = basename(program);
  const installed = await firstLine(program, ["--version"]);
  if (installed === undefined) return { name, status: "info", detail: NOT_INSTALLED };
  if (process.getuid?.() !== 0) return { name, status: "info", detail: `${installed}; trying a jail needs root` };
  const reasons: string[] = [];
  for (const runtime of containerRuntimes(program, hostCgroupLayout())) {
    const { ok, reason } = await probeOciRuntime(runtime);
    runtime.close?.();
    const way = runtime.way === undefined ? "" : ` ${runtime.way}`;
    if (ok) return { name, status: "ok", detail: `${installed}; a test jail ran${way}` };
    reasons.push(`${reason}${way === "" ? "" : ` (${way.trim()})`}`);
  }
  return { name, status: "info", detail: `${installed}; it cannot run Kiln's jails here: ${reasons.join("; ")}` };
}
