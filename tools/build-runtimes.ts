/**
 * Builds the runtime images: `bin/node tools/build-runtimes.ts [--dir DIR] [--refresh] [id…]`. With `--refresh` from today's
 * Debian packages, even where images are up to date. Says one line per step, and nothing
 * when there is nothing to do.
 */
import { parseArgs } from "node:util";

import { buildRuntimes, type BuildProgress } from "../src/artifacts/runtimes/build.ts";
import { KilnError, messageOf } from "../src/base/errors.ts";

const { values, positionals } = parseArgs({
  options: {
    dir: { type: "string", default: "/var/cache/kiln/runtimes" },
    refresh: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

function onProgress({ id, step, done, total }: BuildProgress): void {
  const percent = String(Math.floor((100 * done) / total)).padStart(3);
  process.stdout.write(`[${percent}%] ${id}: ${step}\n`);
}

try {
  await buildRuntimes({
    dir: values.dir,
    refresh: values.refresh,
    onProgress,
    ...(positionals.length === 0 ? {} : { ids: positionals }),
  });
} catch (error) {
  const hint = error instanceof KilnError && error.hint !== undefined ? `\n  ${error.hint}` : "";
  process.stderr.write(`${messageOf(error)}${hint}\n`);
  process.exitCode = 1;
}
