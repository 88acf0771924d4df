/** The name under which one Kiln keeps its jails, mounts and control groups on the machine. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";

/** The same for every start on a state directory, different for two directories. [a-z0-9]{12} */
export function instanceName(stateDir: string): string {
  return createHash("sha256").update(resolve(stateDir)).digest("hex").slice(0, 12);
}
