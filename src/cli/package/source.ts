/** What the user pointed `kiln deploy` at: a folder, a zip, or one file. */
import { access, open, readFile, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { CommandError } from "../errors.ts";
import { listEntries, type Entry } from "./entries.ts";
import { MAX_ZIPPED_BYTES, tooLarge, zipEntries } from "./zip.ts";

export interface Source {
  /** A function name taken from the path; may be none that Lambda takes. */
  name: string;
  /** Undefined when it cannot be told from outside. */
  handler: string | undefined;
  /** In words, for the user. */
  describe: string;
  zip(): Promise<Buffer>;
}

const MODULES = [".mjs", ".js", ".cjs"];

export async function openSource(path: string): Promise<Source> {
  const full = resolve(path);
  const status = await stat(full).catch((thrown: unknown) => {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
    throw new CommandError(`There is no ${path}.`, "Give a folder, a .zip, or a .mjs, .js or .cjs file.");
  });
  if (status.isDirectory()) return folderSource(full);
  if (extname(full) === ".zip") return zipSource(full);
  if (MODULES.includes(extname(full))) return fileSource(full, status.mode, status.size);
  throw new CommandError(`${path} is not something to deploy.`, "Give a folder, a .zip, or a .mjs, .js or .cjs file.");
}

async function folderSource(folder: string): Promise<Source> {
  const entries = await listEntries(folder);
  if (entries.length === 0) throw new CommandError(`${folder} is empty.`, "Put an index.mjs into it.");
  return {
    name: basename(folder),
    handler: await folderHandler(folder, entries),
    describe: `${entries.length} ${entries.length === 1 ? "file" : "files"}`,
    zip: () => zipEntries(entries),
  };
}

async function folderHandler(folder: string, entries: readonly Entry[]): Promise<string | undefined> {
  const paths = new Set(entries.map(({ path }) => path));
  if (MODULES.some((extension) => paths.has(`index${extension}`))) return "index.handler";
  const main = await packageMain(join(folder, "package.json"));
  if (main === undefined) return undefined;
  const file = main.replace(/^\.\//, "");
  const found = [file, ...MODULES.map((extension) => `${file}${extension}`)].find((path) => paths.has(path));
  if (found === undefined) {
    throw new CommandError(`package.json says that main is ${main}, and there is no such file in ${folder}.`);
  }
  return `${found.slice(0, found.length - extname(found).length)}.handler`;
}

async function packageMain(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  try {
    const about: unknown = JSON.parse(text);
    if (typeof about !== "object" || about === null || !("main" in about)) return undefined;
    return typeof about.main === "string" ? about.main : undefined;
  } catch (cause) {
    throw new CommandError(`${path} is not JSON.`, undefined, cause);
  }
}

async function zipSource(file: string): Promise<Source> {
  await access(file);
  return {
    name: basename(file, ".zip"),
    handler: undefined,
    describe: basename(file),
    async zip() {
      const handle = await open(file);
      try {
        const { size } = await handle.stat();
        if (size > MAX_ZIPPED_BYTES) throw tooLarge("zipped", size, MAX_ZIPPED_BYTES);
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    },
  };
}

function fileSource(file: string, mode: number, size: number): Source {
  const name = basename(file, extname(file));
  const entry: Entry = { kind: "file", path: basename(file), from: file, mode: mode & 0o777, size };
  return { name, handler: `${name}.handler`, describe: basename(file), zip: () => zipEntries([entry]) };
}
