/** The Node.js bootstrap as a plain process. */
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { startBootstrap, type BootstrapProcess, type StartOptions } from "./bootstrap-process.ts";

/** Tests run with their own Node.js; KILN_TEST_NODE names another one. */
const node = process.env["KILN_TEST_NODE"] ?? process.execPath;
const bootstrap = fileURLToPath(new URL("../../runtimes/nodejs/index.cjs", import.meta.url));

export function startNodeRuntime(test: TestContext, options: StartOptions): Promise<BootstrapProcess> {
  return startBootstrap(test, { command: [node, bootstrap], runtime: "nodejs24.x", handler: "index.handler" }, options);
}
