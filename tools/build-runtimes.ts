/**
 * Builds the runtime images: `bin/node tools/build-runtimes.ts [--dir DIR, default KILN_RUNTIMES] [--refresh] [--all | id…]`; without any, those
 * of set-up and what has been built here before. With `--refresh` from today's Debian packages, even where images are up
 * to date. Says one line per step, and nothing when there is nothing to do.
 */
import { parseArgs } from "node:util";

import { buildRuntimes, type BuildProgress } from "../src/artifacts/runtimes/build.ts";
import { catalogue, isBuildable } from "../src/artifacts/runtimes/catalogue.ts";
import { loadConfig } from "../src/config/index.ts";
import { KilnError, messageOf } from "../src/base/errors.ts";

const { values, positionals } = parseArgs({
  options: {
    dir: { type: "string", default: loadConfig().runtimesDir },
    all: { type: "boolean", default: false },
    refresh: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const ids = values.all ? catalogue.filter(isBuildable).map(({ id }) => id) : positionals;

function onProgress({ id, step, done, total }: BuildProgress): void {
  const percent = String(Math.floor((100 * done) / total)).padStart(3);
  process.stdout.write(`[${percent}%] ${id}: ${step}\n`);
}

try {
  await buildRuntimes({
    dir: values.dir,
    mavenRepository: loadConfig().mavenRepository,
    refresh: values.refresh,
    onProgress,
    ...(ids.length === 0 ? {} : { ids }),
  });
} catch (error) {
  const hint = error instanceof KilnError && error.hint !== undefined ? `\n  ${error.hint}` : "";
  process.stderr.write(`${messageOf(error)}${hint}\n`);
  process.exitCode = 1;
}
