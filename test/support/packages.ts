/** Installed npm packages as files of a function's zip. */
import { readdirSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { root } from "./kiln.ts";

interface Manifest {
  dependencies?: Record<string, string>;
}

/** What programs do not load, and would only make the zip large. */
const leftOut = /(?:\.d\.[cm]?ts|\.map|\.md|\.markdown|tsconfig[^/]*\.json)$/;

/** The packages with all that they depend on, below `node_modules/` as they lie here. */
export function packageFiles(names: readonly string[]): Record<string, Buffer> {
  const files: Record<string, Buffer> = {};
  const seen = new Set<string>();
  const add = (name: string, from: string): void => {
    const manifest = findPackageJSON(name, from);
    if (manifest === undefined) throw new Error(`${name} is not installed: npm ci`);
    const folder = dirname(manifest);
    if (seen.has(folder)) return;
    seen.add(folder);
    for (const path of filesOf(folder)) files[relative(root, path).split(sep).join("/")] = readFileSync(path);
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
    for (const dependency of Object.keys(dependencies)) add(dependency, manifest);
  };
  for (const name of names) add(name, join(root, "package.json"));
  return files;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesOf(path);
    return entry.isFile() && !leftOut.test(entry.name) ? [path] : [];
  });
}
