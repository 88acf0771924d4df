/**
 * A mount namespace in which one mount of the host is missing. What the host mounts later, below a mount that it shares,
 * appears in it too.
 */
import { KilnError, messageOf } from "../../base/errors.ts";
import { keepNamespace, type KeptNamespace } from "./kept-namespace.ts";

export type MountView = Pick<KeptNamespace, "path" | "close">;

/** What comes back says that the mount is gone; cat(1) waits for its input to end. */
const WORK = `umount "$1" && exec cat`;

export async function openMountView(without: string): Promise<MountView> {
  try {
    return await keepNamespace("mnt", ["--mount", "--propagation", "slave", "/bin/sh", "-c", WORK, "sh", without]);
  } catch (error) {
    throw new KilnError("NO_MOUNT_NAMESPACE", `Cannot make a mount namespace: ${messageOf(error)}`, { cause: error });
  }
}
