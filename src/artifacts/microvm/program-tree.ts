/** A root file system for one program of Debian's: the program, the libraries it loads, and nothing to run besides. */
import { chmod, copyFile, mkdir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../runtimes/run.ts";

const LOADER = "/lib64/ld-linux-x86-64.so.2";

/** Paths of what the dynamic loader would load, as the tree has them. */
async function libraries(tree: string, program: string, signal?: AbortSignal): Promise<string[]> {
  const output = await run("unshare", ["--net", `--root=${tree}`, LOADER, "--list", program], {
    install: "apt-get install util-linux",
    signal,
  });
  return output.split("\n").flatMap((line) => /(?:=>\s+|^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

const MOST_LINKS = 40;

/** The host's path of one of the tree's: links lead where they would with the tree as the root. */
async function resolved(tree: string, path: string): Promise<string> {
  let [found, rest] = ["/", path.split("/")];
  for (let links = 0; rest.length > 0;) {
    const [part = "", ...more] = rest;
    const next = join(found, part);
    const target = part === "" ? undefined : await readlink(join(tree, next)).catch(() => undefined);
    if (target === undefined) {
      [found, rest] = [next, more];
      continue;
    }
    if (++links > MOST_LINKS) throw new Error(`${path} of Debian's packages leads nowhere`);
    [found, rest] = [target.startsWith("/") ? "/" : found, [...target.split("/"), ...more]];
  }
  return join(tree, found);
}

export interface ProgramTree {
  /** With Debian's packages unpacked. */
  tree: string;
  /** Is made. */
  root: string;
  /** Programs and modules: what they load comes along. */
  programs: readonly string[];
  files?: readonly string[];
  /** Empty directories, to mount something at. */
  places: readonly string[];
}

export async function programTree(
  { tree, root, programs, files = [], places }: ProgramTree,
  signal?: AbortSignal,
): Promise<void> {
  const needed = await Promise.all(programs.map((program) => libraries(tree, program, signal)));
  for (const place of places) await mkdir(join(root, place), { recursive: true });
  for (const path of new Set([...programs, ...needed.flat(), LOADER, ...files])) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(await resolved(tree, path), target);
    await chmod(target, 0o755);
  }
}
