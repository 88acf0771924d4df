/** Checks every relative import below `src` against the table in `import-table.ts`, and that `runtimes` import nothing from it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { importTable } from "./import-table.ts";

const root = resolve(import.meta.dirname, "..");
const src = join(root, "src");
const specifier = /(?:from\s+|import\s*\(\s*|import\s+)["'](\.{1,2}\/[^"']+)["']/g;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(specifier)].map((match) => resolve(dirname(file), match[1] ?? ""));
}

/** The reason why this import is not allowed, if it is not. */
function refusal(from: string, target: string): string | undefined {
  const folder = from.split("/")[0] ?? "";
  if (from === "main.ts" || folder === "compose") return undefined;
  if (target.startsWith("..")) return "code in src imports only from src";
  const targetFolder = (target.split("/")[0] ?? "").replace(/\.ts$/, "");
  if (targetFolder === folder || targetFolder === "base") return undefined;
  const allowed = importTable[folder];
  if (allowed === undefined) return `the folder src/${folder} is not in tools/import-table.ts`;
  const isContract = target === `${targetFolder}/contract.ts`;
  if (allowed.includes(targetFolder) || (isContract && allowed.includes(`${targetFolder}/contract`))) return undefined;
  return `src/${folder} may import ${["base", ...allowed].join(", ")}`;
}

const problems: string[] = [];
for (const file of filesBelow(src)) {
  if (/\.test\.ts$|\/conformance(\.ts|\/)/.test(file)) continue;
  for (const target of importsOf(file)) {
    const reason = refusal(relative(src, file), relative(src, target));
    if (reason !== undefined) problems.push(`${relative(root, file)} imports ${relative(root, target)}: ${reason}`);
  }
}
for (const file of filesBelow(join(root, "runtimes"))) {
  for (const target of importsOf(file)) {
    if (!target.startsWith(join(root, "runtimes"))) {
      problems.push(`${relative(root, file)} imports ${relative(root, target)}: runtimes import nothing from outside`);
    }
  }
}

if (problems.length > 0) {
  console.error(`Imports against the table in tools/import-table.ts:\n${problems.join("\n")}`);
  process.exit(1);
}
