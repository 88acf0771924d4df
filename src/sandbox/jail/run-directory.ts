/**
 * The directory that everything of one Kiln on the host hangs from: its mounts, its jails' files, the OCI runtime's
 * state. It is a tmpfs, so that nothing of it survives a restart of the machine.
 *
 *   images/     read-only images, each mounted once; closed to everyone but root
 *   jails/<id>/ config.json and the mount points of one jail; open to root and to that jail's own root
 *   oci/        state of the OCI runtime
 *   resolv.conf of every jail
 *   skeleton/   places to mount something at, for images that lack them
 */
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KilnError } from "../../base/errors.ts";
import { mountSharedTmpfs } from "../host/mounts.ts";
import { makeSkeleton } from "./shared-place.ts";

/**
 * resolv.conf(5). Kiln's forwarder listens on the loopback of every jail with a network; without one, lookups fail at
 * once. It is also what a C library asks where there is no such file.
 */
const RESOLV_CONF = "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n";

export interface RunDirectory {
  readonly dir: string;
  readonly images: string;
  readonly jails: string;
  readonly oci: string;
  readonly resolvConf: string;
  readonly skeleton: string;
}

export function runDirectory(dir: string): RunDirectory {
  return {
    dir,
    images: join(dir, "images"),
    jails: join(dir, "jails"),
    oci: join(dir, "oci"),
    resolvConf: join(dir, "resolv.conf"),
    skeleton: join(dir, "skeleton"),
  };
}

/** A jail's root looks its mounts up by path, as an unprivileged user of the host. */
function checkReachable(dir: string): void {
  for (let above = dirname(dir); above !== "/"; above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) {
      throw new KilnError("RUN_DIR_CLOSED", `Jails cannot reach ${dir}: ${above} may not be passed through.`, {
        hint: `Choose a run directory below one that everybody may pass through (/run), or chmod o+x ${above}.`,
      });
    }
  }
}

/** Makes and mounts it. Whatever an earlier Kiln left there must be gone. */
export function prepareRunDirectory(run: RunDirectory): void {
  mkdirSync(run.dir, { recursive: true, mode: 0o711 });
  checkReachable(run.dir);
  mountSharedTmpfs(run.dir, "0711");
  mkdirSync(run.images, { mode: 0o700 });
  mkdirSync(run.oci, { mode: 0o700 });
  mkdirSync(run.jails);
  chmodSync(run.jails, 0o711);
  makeSkeleton(run.skeleton);
  writeFileSync(run.resolvConf, RESOLV_CONF, { mode: 0o644 });
  chmodSync(run.resolvConf, 0o644);
}
