/** Which language a folder or a file is written in, and what is to be called in it: AWS's names, where they fit. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { RuntimeEntry } from "../../artifacts/contract.ts";
import { systemCode } from "../../base/errors.ts";
import { CommandError } from "../errors.ts";
import type { Entry } from "./entries.ts";

export interface Program {
  family: RuntimeEntry["family"];
  handler: string;
}

const MODULES = [".mjs", ".js", ".cjs"];
/** Languages whose handlers AWS calls `lambda_function.lambda_handler`. */
const SCRIPTS = [
  { extension: ".py", family: "python" },
  { extension: ".rb", family: "ruby" },
] as const;

/** Endings of single files that can be deployed. */
export const PROGRAM_ENDINGS: readonly string[] = [...MODULES, ...SCRIPTS.map(({ extension }) => extension)];

/** Undefined when it cannot be told from outside. */
export async function programOfFolder(folder: string, entries: readonly Entry[]): Promise<Program | undefined> {
  const own = entries.find(({ path }) => path === "bootstrap");
  if (own?.kind === "file" && (own.mode & 0o100) !== 0) return { family: "provided", handler: "bootstrap" };
  const paths = new Set(entries.map(({ path }) => path));
  const module = await moduleOfFolder(folder, paths);
  if (module !== undefined) return { family: "nodejs", handler: `${module}.handler` };
  for (const { extension, family } of SCRIPTS) {
    const file = scriptOfFolder(paths, extension);
    if (file !== undefined) return { family, handler: await scriptHandler(join(folder, file)) };
  }
  return undefined;
}

export async function programOfFile(file: string, name: string): Promise<Program> {
  const script = SCRIPTS.find(({ extension }) => extension === extname(file));
  if (script === undefined) return { family: "nodejs", handler: `${name}.handler` };
  return { family: script.family, handler: await scriptHandler(file) };
}

/** The module that Node.js calls, without its ending. */
async function moduleOfFolder(folder: string, paths: ReadonlySet<string>): Promise<string | undefined> {
  if (MODULES.some((extension) => paths.has(`index${extension}`))) return "index";
  const main = await packageMain(join(folder, "package.json"));
  if (main === undefined) return undefined;
  const file = main.replace(/^\.\//, "");
  const found = [file, ...MODULES.map((extension) => `${file}${extension}`)].find((path) => paths.has(path));
  if (found === undefined) {
    throw new CommandError(`package.json says that main is ${main}, and there is no such file in ${folder}.`);
  }
  return withoutEnding(found);
}

/** AWS's name, or the only script at the top. */
function scriptOfFolder(paths: ReadonlySet<string>, extension: string): string | undefined {
  if (paths.has(`lambda_function${extension}`)) return `lambda_function${extension}`;
  const top = [...paths].filter((path) => !path.includes("/") && path.endsWith(extension));
  return top.length === 1 ? top[0] : undefined;
}

/** AWS's name of the function, unless the file has only one that is called `handler`. */
async function scriptHandler(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  const plain = /^\s*(?:def )?handler\b/m.test(text) && !/^\s*(?:def )?lambda_handler\b/m.test(text);
  return `${withoutEnding(file.slice(file.lastIndexOf("/") + 1))}.${plain ? "handler" : "lambda_handler"}`;
}

function withoutEnding(path: string): string {
  return path.slice(0, path.length - extname(path).length);
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
