/**
 * Packages that the tests' Python functions bring along: AWS's own runtime client and Powertools, as wheels for the
 * Python of an image. `bin/node tools/python-packages.ts` prepares them; it needs the registry only when something has
 * changed.
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { kept, missing } from "./test-cache.ts";

const run = promisify(execFile);
const requirements = resolve(import.meta.dirname, "../test/runtimes/python/requirements.txt");
/** The Python that the tests of these packages run on. */
export const packagesVersion = "3.13";

/** Why this machine cannot have them; undefined when it can. */
export function withoutPackages(): Promise<string | undefined> {
  return missing([["python3", "-m", "pip", "--version"]], "Python 3 with pip");
}

/** The folder with the packages, as it belongs into a function's zip. */
export function pythonPackages(): Promise<string> {
  return kept("python-packages", [requirements], ["python3", "-m", "pip", "--version"], async (made) => {
    const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
    const options = `--quiet --no-compile --disable-pip-version-check --python-version ${packagesVersion}
      --implementation cp --only-binary :all: --platform manylinux2014_${machine} --platform manylinux_2_28_${machine}`;
    const paths = ["--target", made, "--requirement", requirements];
    await run("python3", ["-m", "pip", "install", ...options.split(/\s+/), ...paths]);
  });
}

if (import.meta.main) {
  const reason = await withoutPackages();
  if (reason === undefined) await pythonPackages();
  else console.log(`set-up: the tests skip Python packages: ${reason}`);
}
