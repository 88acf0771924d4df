/** The Python bootstrap as a plain process. */
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { startBootstrap, type BootstrapProcess, type StartOptions } from "./bootstrap-process.ts";

const bootstrap = fileURLToPath(new URL("../../runtimes/python/bootstrap.py", import.meta.url));

interface Interpreter {
  path: string;
  /** For instance `3.13`. */
  version: string;
}

/** The machine's own Python, or the one that KILN_TEST_PYTHON names; a reason why there is none that fits. */
function find(): Interpreter | string {
  const program = process.env["KILN_TEST_PYTHON"] ?? "python3";
  const about = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
  try {
    const [path = "", version = ""] = execFileSync(program, ["-c", about], { encoding: "utf8" }).trim().split("\n");
    return Number(version.slice(2)) >= 11 ? { path, version } : `${program} is Python ${version}, older than 3.11`;
  } catch (error) {
    return `${program} does not run here: ${String(error)}`;
  }
}

const found = find();
/** Why tests cannot run here, or false. */
export const withoutPython = typeof found === "string" ? found : false;
export const python: Interpreter = typeof found === "string" ? { path: "", version: "" } : found;

export function startPythonRuntime(test: TestContext, options: StartOptions): Promise<BootstrapProcess> {
  return startBootstrap(
    test,
    {
      command: [python.path, bootstrap],
      runtime: `python${python.version}`,
      handler: "lambda_function.lambda_handler",
      env: { LAMBDA_RUNTIME_DIR: dirname(bootstrap), PYTHONDONTWRITEBYTECODE: "1" },
    },
    options,
  );
}
