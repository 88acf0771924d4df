/** Directories that functions share: one is mounted as containers have it, and one in a microVM. */
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usableFirecracker } from "../../artifacts/microvm/firecracker/files.ts";
import { microvmFiles, type MicrovmFiles } from "../../artifacts/microvm/files.ts";
import { messageOf } from "../../base/errors.ts";
import { unmountIfMounted } from "../../sandbox/host/mounts.ts";
import { mountSharedFiles } from "../../sandbox/host/shared-files.ts";
import { vmmDrivers } from "../../sandbox/microvm/drivers.ts";
import { nameOf, probeSharing } from "../../sandbox/microvm/probe.ts";
import type { Finding } from "./check.ts";

interface Wanted {
  runtimesDir: string;
  ociRuntimes: readonly string[];
}

/** An access point's, and a jail's in its place. */
const ON_DISK = { uid: 2000, gid: 2001 };
const IN_JAIL = { uid: 0x4000_0000 + 993, gid: 0x4000_0000 + 990, root: 0x4000_0000 };

export async function checkSharing(wanted: Wanted): Promise<Finding[]> {
  const name = "shared directories";
  if (process.getuid?.() !== 0) return [{ name, status: "info", detail: "mounting one needs root" }];
  const mapped = await checkMapped(name);
  const files = microvmFiles(wanted.runtimesDir);
  return files === undefined ? [mapped] : [mapped, await checkInMicrovm(files, wanted)];
}

/** A file of one user is shown as another's, which is what jails need. */
async function checkMapped(name: string): Promise<Finding> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "kiln-doctor-")));
  const [path, at] = [join(folder, "shared"), join(folder, "at")];
  try {
    mkdirSync(path);
    mkdirSync(at);
    writeFileSync(join(path, "file"), "");
    chownSync(join(path, "file"), ON_DISK.uid, ON_DISK.gid);
    const source = { kind: "directory" as const, path, user: ON_DISK };
    await mountSharedFiles({ name: "of the doctor", at, source, root: "/", readOnly: true }, at, IN_JAIL);
    const { uid, gid } = statSync(join(at, "file"));
    if (uid !== IN_JAIL.uid || gid !== IN_JAIL.gid) throw new Error(`ids are not mapped: ${uid}, ${gid}`);
    return { name, status: "ok", detail: `one of ${tmpdir()} was mounted for a jail's user` };
  } catch (thrown) {
    return { name, status: "info", detail: `functions cannot have those of ${tmpdir()}: ${messageOf(thrown).trim()}` };
  } finally {
    unmountIfMounted(at);
    rmdirSync(at);
    rmSync(folder, { recursive: true });
  }
}

/** Machines with shared directories have a kernel of their own, and a file server. */
async function checkInMicrovm(files: MicrovmFiles, { runtimesDir, ociRuntimes }: Wanted): Promise<Finding> {
  const name = "shared, in microVMs";
  const failures: string[] = [];
  // One that may not be used has a line of its own.
  const firecracker = await usableFirecracker(runtimesDir).catch(() => undefined);
  for (const driver of vmmDrivers({ ...files, firecracker })) {
    // oxlint-disable-next-line no-await-in-loop -- The first that works is the one.
    const found = await probeSharing({ driver, guest: files, rootImage: files.qemu.image, ociRuntimes });
    if (found.ok) {
      const detail = `a guest on ${nameOf(driver)} mounted one, from a file server in a jail of its own`;
      return { name, status: driver.emulated ? "info" : "ok", detail };
    }
    failures.push(`not on ${nameOf(driver)}: ${found.reason}`);
  }
  return { name, status: "info", detail: `no guest mounts one here: ${failures.join("; ")}` };
}
