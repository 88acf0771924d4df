/** What every microVM of a host starts with. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { SyscallNumbers } from "./seccomp-filter.ts";

const runFile = promisify(execFile);

/** For guests with shared directories. */
export interface SharingFiles {
  kernel: string;
  initramfs: string;
  /** An erofs image with the file server, which runs on the host. */
  server: string;
}

export interface GuestFiles {
  /** An ELF file with a PVH entry. */
  kernel: string;
  initramfs: string;
  /** A program of the host that says how fast the processor's time stamps count, in kHz. */
  measure: string;
  /** A JSON file: the numbers of the kernel's system calls, by name. */
  syscalls: string;
  sharing: SharingFiles;
}

/**
 * No time is spent on hardware that is not there. The reset that ends a machine is a triple fault, which every VMM knows.
 */
const OPTIONS = ["quiet", "reboot=t", "panic=-1", "i8042.noaux", "i8042.nokbd", "i8042.noprobe", "cryptomgr.notests"];

export async function syscallNumbers({ syscalls }: GuestFiles): Promise<SyscallNumbers> {
  return JSON.parse(await readFile(syscalls, "utf8")) as SyscallNumbers;
}

/** Of the host's processor, in kHz. */
export async function timeStampRate({ measure }: GuestFiles): Promise<number> {
  const { stdout } = await runFile(measure, [], { timeout: 10_000, maxBuffer: 1024 });
  const rate = Number(stdout.trim());
  if (!(rate > 0)) throw new TypeError(`${measure} answers ${stdout}`);
  return rate;
}

/**
 * @param timeStampKHz Present under software emulation, whose processor's clock is the host's. The kernel would measure it
 *   against a timer, and now and then hangs over it, or finds it unsteady while the host is busy: so it is told.
 */
export function commandLine(timeStampKHz: number | undefined): string {
  const clock = timeStampKHz === undefined ? [] : [`tsc_early_khz=${timeStampKHz}`, "tsc=reliable", "mitigations=off"];
  return [...OPTIONS, ...clock].join(" ");
}
