/** Installed Python packages as files of a function's zip. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { pythonPackages } from "../../tools/python-packages.ts";

/** Files of the packages with these names. */
export async function pythonFiles(names: readonly string[]): Promise<Record<string, Buffer>> {
  const folder = await pythonPackages();
  const files: Record<string, Buffer> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const below = path.slice(folder.length + 1);
    const top = below.split("/")[0]?.split(".")[0] ?? "";
    if (entry.isFile() && names.includes(top)) files[below] = readFileSync(path);
  }
  return files;
}

/** AWS's own runtime client, and as `wrap` a wrapper (AWS_LAMBDA_EXEC_WRAPPER) that starts it in place of the image's. */
export async function clientFiles(): Promise<Record<string, Buffer | { content: string; mode: number }>> {
  const packages = await pythonFiles(["awslambdaric", "simplejson", "snapshot_restore_py", "runtime_client"]);
  // The parameters are the command that it wraps: the interpreter and the bootstrap.
  return { ...packages, wrap: { content: '#!/bin/sh\nexec "$1" -m awslambdaric "$_HANDLER"\n', mode: 0o100755 } };
}
