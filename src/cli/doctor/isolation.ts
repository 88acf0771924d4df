/** Stronger isolation than containers: what is there. Nothing of it is required. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { systemCode } from "../../base/errors.ts";
import type { Finding } from "./check.ts";
import { firstLine } from "./program.ts";

export async function checkGvisor(): Promise<Finding> {
  const version = await firstLine("runsc", ["--version"]);
  if (version !== undefined) return { name: "gVisor", status: "info", detail: version };
  return { name: "gVisor", status: "info", detail: "not installed; Kiln does not use it yet" };
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
