/** Builds the files of microVMs: `bin/node tools/build-microvm.ts [--dir DIR, default KILN_RUNTIMES] [--refresh]`. */
import { parseArgs } from "node:util";

import { buildMicrovm } from "../src/artifacts/microvm/build.ts";
import { KilnError, messageOf } from "../src/base/errors.ts";
import { loadConfig } from "../src/config/index.ts";

const { values } = parseArgs({
  options: {
    dir: { type: "string", default: loadConfig().runtimesDir },
    refresh: { type: "boolean", default: false },
  },
});

try {
  await buildMicrovm({
    runtimesDir: values.dir,
    refresh: values.refresh,
    onStep: (step) => process.stdout.write(`microVM: ${step}\n`),
  });
} catch (error) {
  const hint = error instanceof KilnError && error.hint !== undefined ? `\n  ${error.hint}` : "";
  process.stderr.write(`${messageOf(error)}${hint}\n`);
  process.exitCode = 1;
}
