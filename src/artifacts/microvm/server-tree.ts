/** The root file system of the server of shared directories: diod, which speaks 9P2000.L, and nothing to run besides. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programTree } from "./program-tree.ts";

const PROGRAM = "/usr/sbin/diod";
/**
 * It takes no connection before it has asked for its client's name, and no mount before it has found its own user, which is
 * a function's (`jail/ground.ts`). Nobody is asked but files.
 */
const FILES: Readonly<Record<string, string>> = {
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  passwd: "function:x:993:990::/:/\n",
  group: "function:x:990:\n",
  hosts: "",
};

/** @param tree With Debian's package unpacked. @param root Is made. */
export async function serverTree(tree: string, root: string, signal?: AbortSignal): Promise<void> {
  await programTree({ tree, root, programs: [PROGRAM], places: ["dev", "proc", "mnt"] }, signal);
  await mkdir(join(root, "etc"));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(root, "etc", name), text);
}
