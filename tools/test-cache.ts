/** What tests need of other languages' registries: made once and kept outside of the project. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export const cache = "/var/cache/kiln-test";

/** Why one of the commands cannot be run, in words; undefined when all can. */
export async function missing(commands: readonly string[][], what: string): Promise<string | undefined> {
  for (const [program = "", ...parameters] of commands) {
    try {
      await run(program, parameters);
    } catch (error) {
      return `${what} is not on this machine (${String(error).split("\n")[0]})`;
    }
  }
  return undefined;
}

/** A folder of the cache, made when nothing was made of these files by this compiler before. */
export async function kept(
  name: string,
  files: readonly string[],
  version: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file));
  const [program = "", ...parameters] = version;
  hash.update((await run(program, parameters)).stdout).update(process.arch);
  const folder = join(cache, `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (await exists(folder)) return folder;

  // Made aside and renamed, so that what a killed run leaves is never taken for the whole.
  await mkdir(cache, { recursive: true });
  const aside = join(cache, `.${name}-${process.pid}`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside);
  try {
    await make(aside);
    await rename(aside, folder).catch(async (error: unknown) => {
      // Somebody else was faster.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  await removeOld(name, folder);
  return folder;
}

/** ms. Other work trees on this machine may still use what they made. */
const OLD = 14 * 24 * 60 * 60 * 1000;

async function removeOld(name: string, current: string): Promise<void> {
  for (const other of await readdir(cache)) {
    const folder = join(cache, other);
    if (!other.startsWith(`${name}-`) || folder === current) continue;
    if (Date.now() - (await stat(folder)).mtimeMs > OLD) await rm(folder, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
