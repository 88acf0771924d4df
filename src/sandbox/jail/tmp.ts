/**
 * A jail's /tmp: a tmpfs of its own, made on the host, so that its size can change when the jail is given to a function.
 * It never touches a disk, swap is off for the jail, and it is gone with the jail.
 */
import { mountTmpfs, resizeTmpfs, type TmpfsSize } from "../host/mounts.ts";
import type { FunctionUser } from "./config.ts";

const MIB = 1024 * 1024;
/** As generous as ext4 is by default: one file per 16 KiB. Files cost kernel memory even when they are empty. */
const INODES_PER_MB = 64;

function sizeOf(tmpMB: number): TmpfsSize {
  return { bytes: tmpMB * MIB, inodes: Math.max(1024, tmpMB * INODES_PER_MB) };
}

/** `idBase` is the first host id of the jail's range. Only the function's user may enter, as on AWS. */
export function mountTmp(dir: string, tmpMB: number, user: FunctionUser, idBase: number): void {
  mountTmpfs(dir, sizeOf(tmpMB), { uid: idBase + user.uid, gid: idBase + user.gid, mode: "0700" });
}

export function resizeTmp(dir: string, tmpMB: number): void {
  resizeTmpfs(dir, sizeOf(tmpMB));
}
