/** Which VMM runs microVMs on this host: shown by starting one. A device file is no proof, nor is a version. */
import { chownSync, mkdtempSync, realpathSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KilnError, messageOf } from "../../base/errors.ts";
import type { FunctionTree } from "../contract.ts";
import type { GuestFiles } from "./guest-files.ts";
import { createMicrovmSandbox } from "./microvm-sandbox.ts";
import type { VmmDriver } from "./vmm/contract.ts";

export interface MicrovmProbeOptions {
  driver: VmmDriver;
  guest: GuestFiles;
  ociRuntimes: readonly string[];
  /** An erofs image with the places of a root file system; no program in it is run. */
  rootImage: string;
}

export type MicrovmProbe = { ok: true } | { ok: false; reason: string };

/** A kernel that has KVM is there in less than one. Emulation takes its time. */
const REAL_WITHIN_MS = 10_000;
/** Any that is not root. */
const FILES_USER = { uid: 993, gid: 990 };
let count = 0;

/** Starts a machine until its first process mounts the image and answers, and leaves nothing of it. Disturbs no running Kiln. */
export function probeMicrovm(options: MicrovmProbeOptions): Promise<MicrovmProbe> {
  return startsWith(options, undefined);
}

/**
 * The same with the kernel of machines that have shared directories: its first process mounts one of the host's, through
 * the file server.
 */
export async function probeSharing(options: MicrovmProbeOptions): Promise<MicrovmProbe> {
  const path = mkdtempSync(join(tmpdir(), "kiln-probe-"));
  try {
    // Nobody else may pass through it: the file server has the rights of its user, and no more.
    chownSync(path, FILES_USER.uid, FILES_USER.gid);
    const source = { kind: "directory" as const, path: realpathSync(path), user: FILES_USER };
    const files = [{ name: "of the probe", at: "/mnt/probe", source, root: "/", readOnly: false }];
    return await startsWith(options, { files });
  } finally {
    rmdirSync(path);
  }
}

async function startsWith(
  { driver, rootImage, ...options }: MicrovmProbeOptions,
  tree: FunctionTree | undefined,
): Promise<MicrovmProbe> {
  const instance = `probe-${process.pid}-vm${++count}`;
  const limit = driver.emulated ? {} : { startWithinMs: REAL_WITHIN_MS };
  try {
    const sandbox = await createMicrovmSandbox({
      ...options,
      ...limit,
      driver,
      runDir: `/run/kiln-${instance}`,
      instance,
    });
    try {
      await sandbox.create({
        id: "probe",
        rootImage,
        argv: [],
        env: {},
        limits: { memoryMB: 128, vcpus: 1, pids: 16, tmpMB: 1 },
        onConnection: (socket) => socket.destroy(),
        ...(tree && { tree }),
      });
      return { ok: true };
    } finally {
      await sandbox.close();
    }
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

/** The first that works. Throws KilnError NO_MICROVM with what each answered. */
export async function chooseDriver(
  drivers: readonly VmmDriver[],
  probe: (driver: VmmDriver) => Promise<MicrovmProbe>,
): Promise<VmmDriver> {
  const reasons: string[] = [];
  for (const driver of drivers) {
    const found = await probe(driver);
    if (found.ok) return driver;
    reasons.push(`${nameOf(driver)}: ${found.reason}`);
  }
  throw new KilnError("NO_MICROVM", `No microVM starts on this host. ${reasons.join(" ")}`, {
    hint: "Use --isolation container; kiln doctor shows what works.",
  });
}

/** For people. */
export function nameOf({ name, version, emulated }: VmmDriver): string {
  return `${name === "qemu" ? "QEMU" : "Firecracker"} ${version} with${emulated ? "out" : ""} KVM`;
}
