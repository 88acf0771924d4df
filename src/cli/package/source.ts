/** What the user pointed `kiln deploy` at: a folder, a zip, or one file. */
import { open, stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { CommandError } from "../errors.ts";
import { listEntries, type Entry } from "./entries.ts";
import { PROGRAM_ENDINGS, programOfFile, programOfFolder, type Program } from "./program.ts";
import { MAX_ZIPPED_BYTES, tooLarge, zipEntries } from "./zip.ts";

export interface Source {
  /** A function name taken from the path; may be none that Lambda takes. */
  name: string;
  /** Undefined when it cannot be told from outside. */
  program: Program | undefined;
  /** In words, for the user. */
  describe: string;
  zip(): Promise<Buffer>;
}

const WHAT = "Give a folder, a .zip, or a .mjs, .js, .cjs, .py or .rb file.";

export async function openSource(path: string): Promise<Source> {
  const full = resolve(path);
  const status = await stat(full).catch((thrown: unknown) => {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
    throw new CommandError(`There is no ${path}.`, WHAT);
  });
  if (status.isDirectory()) return folderSource(full);
  if (extname(full) === ".zip") return zipSource(full);
  if (PROGRAM_ENDINGS.includes(extname(full))) return fileSource(full, status.mode, status.size);
  throw new CommandError(`${path} is not something to deploy.`, WHAT);
}

async function folderSource(folder: string): Promise<Source> {
  const entries = await listEntries(folder);
  if (entries.length === 0) throw new CommandError(`${folder} is empty.`, "Put an index.mjs into it.");
  return {
    name: basename(folder),
    program: await programOfFolder(folder, entries),
    describe: `${entries.length} ${entries.length === 1 ? "file" : "files"}`,
    zip: () => zipEntries(entries),
  };
}

async function zipSource(file: string): Promise<Source> {
  await checkIsZip(file);
  return {
    name: basename(file, ".zip"),
    program: undefined,
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

/** What every zip ends with, before a comment of at most 64 KB (APPNOTE.TXT 4.3.16). */
const END_OF_DIRECTORY = Buffer.from("PK\x05\x06");
const END_BYTES = 22 + 0xffff;

/** Said here, before the missing handler is: a file that is no zip has none either. */
async function checkIsZip(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(END_BYTES),
      0,
      END_BYTES,
      Math.max(0, size - END_BYTES),
    );
    if (buffer.subarray(0, bytesRead).includes(END_OF_DIRECTORY)) return;
  } finally {
    await handle.close();
  }
  throw new CommandError(`${basename(file)} is no zip, or only the beginning of one.`, WHAT);
}

async function fileSource(file: string, mode: number, size: number): Promise<Source> {
  const name = basename(file, extname(file));
  const entry: Entry = { kind: "file", path: basename(file), from: file, mode: mode & 0o777, size };
  const program = await programOfFile(file, name);
  return { name, program, describe: basename(file), zip: () => zipEntries([entry]) };
}
