/** Stronger isolation than containers: what works here. Nothing of it is required. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { systemCode } from "../../base/errors.ts";
import { probeGvisor } from "../../sandbox/gvisor/probe.ts";
import { probeOciRuntime } from "../../sandbox/jail/probe.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

/** By running a jail with it. */
export async function checkGvisor(): Promise<Finding> {
  const name = "gVisor";
  const installed = await firstLine("runsc", ["--version"]);
  if (installed === undefined) {
    return { name, status: "info", detail: "not installed; for --isolation gvisor: apt-get install runsc" };
  }
  if (process.getuid?.() !== 0) return { name, status: "info", detail: `${installed}; trying a jail needs root` };
  const probe = await probeGvisor("runsc", probeOciRuntime);
  if (probe.ok) return { name, status: "ok", detail: `${installed}; a test jail ran (platform ${probe.platform})` };
  return { name, status: "info", detail: `${installed}; it cannot run Kiln's jails here: ${probe.reason}` };
}

/** A device file is no proof: nested and emulated KVM may not boot a kernel, and this does not try. */
export async function checkKvm(): Promise<Finding> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    return { name: "KVM", status: "info", detail: "/dev/kvm present, not tried" };
  } catch (thrown) {
    const detail = systemCode(thrown) === "ENOENT" ? "absent" : "/dev/kvm present, but this user may not use it";
    return { name: "KVM", status: "info", detail: `${detail}; Kiln does not use it yet` };
  }
}
