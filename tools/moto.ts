/**
 * moto's server, which stands for several services of AWS in tests. `bin/node tools/moto.ts` prepares it; it needs PyPI only
 * when something has changed.
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { kept, missing } from "./test-cache.ts";

const run = promisify(execFile);
const requirements = resolve(import.meta.dirname, "../test/sources/moto/requirements.txt");

/** Why this machine cannot have it; undefined when it can. */
export function withoutMoto(): Promise<string | undefined> {
  return missing([["python3", "-m", "pip", "--version"]], "Python 3 with pip");
}

/** The command that starts it, without its port, and the variables that it needs. */
export async function moto(): Promise<{ command: string[]; environment: Record<string, string> }> {
  const packages = await kept("moto", [requirements], ["python3", "--version"], async (made) => {
    const options = ["--quiet", "--no-compile", "--disable-pip-version-check", "--only-binary", ":all:"];
    await run("python3", ["-m", "pip", "install", ...options, "--target", made, "--requirement", requirements]);
  });
  return { command: ["python3", "-m", "moto.server", "-H", "127.0.0.1"], environment: { PYTHONPATH: packages } };
}

if (import.meta.main) {
  const reason = await withoutMoto();
  if (reason === undefined) await moto();
  else console.log(`set-up: the tests skip moto: ${reason}`);
}
