/**
 * A copy of a program in memory that nobody can change any more, to be run from there.
 *
 * OCI runtimes run from such a copy, so that a jail cannot write to the host's program through /proc/self/exe
 * (CVE-2019-5736). They make it at each start and then execute themselves again, which is a third of their time; one that
 * is run from a sealed file leaves that out.
 */
import { closeSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PROGRAM_PATH } from "./children.ts";
import { sealedFile } from "./libc.ts";

export interface SealedProgram {
  /** Valid while this process lives and until `close`. */
  readonly path: string;
  close(): void;
}

/** Where a program of the host is, by name or path. */
export function findProgram(program: string): string | undefined {
  const places = program.includes("/") ? [program] : PROGRAM_PATH.split(":").map((dir) => join(dir, program));
  return places.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/** @param program Name or path. Undefined where it is not there, or the host does not run programs from memory. */
export function sealedCopy(program: string): SealedProgram | undefined {
  const path = findProgram(program);
  if (path === undefined) return undefined;
  const bytes = readFileSync(path);
  // A script's interpreter would read the script by a name that only this process has.
  if (bytes.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
  const fd = sealedFile((file) => {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  });
  if (fd === undefined) return undefined;
  return { path: `/proc/${process.pid}/fd/${fd}`, close: () => closeSync(fd) };
}
