/** QEMU out of its own root file system, as the set-up has made it, without KVM. */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { MicrovmFiles } from "../../../src/artifacts/microvm/files.ts";
import { qemuDriver } from "../../../src/sandbox/microvm/qemu/driver.ts";
import { API_SOCKET } from "../../../src/sandbox/microvm/vmm/contract.ts";
import type { Program } from "./harness.ts";

/** Mounts the image, with devices and the two directories, and starts the program in it. All of it ends with the namespace. */
const IN_ROOT = [
  'mount -t erofs -o loop,ro "$1" "$2"',
  'mount --bind "$3" "$2/vm"',
  'mount --bind "$4" "$2/run/vmm"',
  'mount --rbind /dev "$2/dev"',
  'root="$2"; shift 4; exec chroot "$root" "$@"',
].join(" && ");

export function qemuProgram({ qemu }: Pick<MicrovmFiles, "qemu">, files: string): Program {
  const driver = qemuDriver({ rootImage: qemu.image, version: qemu.version, acceleration: "tcg" });
  const root = join(files, "root-of-qemu");
  mkdirSync(root);
  return {
    driver,
    seenAt: "/vm",
    start: (plan, dir) => ({
      argv: ["/bin/sh", "-c", IN_ROOT, "sh", qemu.image, root, files, dir, ...driver.command(plan).argv],
      socket: join(dir, basename(API_SOCKET)),
    }),
  };
}
