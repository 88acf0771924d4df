/** Stronger isolation than containers: what works here. Nothing of it is required. */
import { firecrackerFiles, usableFirecracker } from "../../artifacts/microvm/firecracker/files.ts";
import { microvmFiles } from "../../artifacts/microvm/files.ts";
import { messageOf } from "../../base/errors.ts";
import { probeGvisor } from "../../sandbox/gvisor/probe.ts";
import { probeOciRuntime } from "../../sandbox/jail/probe.ts";
import { vmmDrivers } from "../../sandbox/microvm/drivers.ts";
import { nameOf, probeMicrovm } from "../../sandbox/microvm/probe.ts";
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

/** The one that was given, if Kiln would start it. Whether a machine runs with it is found out by `checkMicrovm`. */
export async function checkFirecracker({ runtimesDir }: { runtimesDir: string }): Promise<Finding> {
  const name = "Firecracker";
  const give = "kiln setup microvm --firecracker PATH";
  if (firecrackerFiles(runtimesDir) === undefined) {
    return { name, status: "info", detail: `none was given; microVMs can run on it: ${give}` };
  }
  try {
    const { version, sha256 } = await usableFirecracker(runtimesDir);
    return { name, status: "ok", detail: `${version}, of SHA-256 ${sha256}` };
  } catch (thrown) {
    return { name, status: "warning", detail: messageOf(thrown), todo: `Give another one: ${give}` };
  }
}

/** By starting a guest: a device file is no proof, as nested and emulated KVM may not boot a kernel. */
export async function checkMicrovm({
  runtimesDir,
  ociRuntimes,
}: {
  runtimesDir: string;
  ociRuntimes: readonly string[];
}): Promise<Finding> {
  const name = "microVMs";
  const files = microvmFiles(runtimesDir);
  if (files === undefined) {
    return { name, status: "info", detail: "not set up; for --isolation microvm: kiln setup microvm" };
  }
  if (process.getuid?.() !== 0) return { name, status: "info", detail: "set up; trying one needs root" };
  const failures: string[] = [];
  // One that may not be used has a line of its own.
  const firecracker = await usableFirecracker(runtimesDir).catch(() => undefined);
  for (const driver of vmmDrivers({ ...files, firecracker })) {
    const found = await probeMicrovm({ driver, guest: files, rootImage: files.qemu.image, ociRuntimes });
    if (found.ok) {
      const slow = driver.emulated ? "; emulated, and so slow: for tests" : "";
      const ran = `a guest with Linux ${files.kernelVersion} ran on ${nameOf(driver)}${slow}; SnapStart is there`;
      const detail = [ran, ...failures];
      return { name, status: driver.emulated ? "info" : "ok", detail: detail.join("; ") };
    }
    failures.push(`not on ${nameOf(driver)}: ${found.reason}`);
  }
  return { name, status: "info", detail: `no guest runs here: ${failures.join("; ")}` };
}
