/** The Ruby bootstrap as a plain process. */
import { execFileSync } from "node:child_process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { startBootstrap, type BootstrapProcess, type StartOptions } from "./bootstrap-process.ts";

const index = fileURLToPath(new URL("../../runtimes/ruby/index.rb", import.meta.url));

/** The machine's own Ruby, or the one that KILN_TEST_RUBY names. */
const ruby = process.env["KILN_TEST_RUBY"] ?? "ruby";

/** Why tests cannot run here, or false. */
export const withoutRuby = reason();

function reason(): string | false {
  try {
    const version = execFileSync(ruby, ["-e", "print RUBY_VERSION"], { encoding: "utf8" });
    return Number.parseFloat(version) >= 3 ? false : `${ruby} is Ruby ${version}, older than 3`;
  } catch (error) {
    return `${ruby} does not run here: ${String(error)}`;
  }
}

export function startRubyRuntime(test: TestContext, options: StartOptions): Promise<BootstrapProcess> {
  return startBootstrap(
    test,
    {
      command: [ruby, "--disable-did_you_mean", index],
      runtime: "ruby3.3",
      handler: "lambda_function.lambda_handler",
      env: { LANG: "C.UTF-8" },
    },
    options,
  );
}
