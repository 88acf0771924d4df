import { resolve } from "node:path";
import type { PlacesOptions } from "../../artifacts/images/places.ts";
import type { BuildOptions, BuildResult } from "../../artifacts/runtimes/build.ts";
import type { RuntimeEntry } from "../../artifacts/contract.ts";
import type { Command } from "../command.ts";
import { systemClock } from "../../base/clock.ts";
import { UsageError } from "../errors.ts";
import type { Input } from "../input.ts";
import { endOfRuntime } from "../runtimes/end.ts";
import { table, type Terminal } from "../terminal.ts";

export const runtimes: Command = {
  summary: "List the runtimes, or build their images.",
  usage: "[build [ID…]] [options]",
  about: `An image is a small Debian user space with the language in it; functions run on it. Set-up builds some; \`kiln serve\`
builds another when the first function wants it, and \`build\` does so ahead of time. Without an ID it brings up to date
what set-up builds and what has been built since. It does nothing where all is there.
DEPRECATED, NO CREATE and NO UPDATE are AWS's dates for the end of a runtime, and Kiln keeps to them. A warning comes
180 days before the first.`,
  options: {
    all: { short: "a", help: "List also the runtimes that Kiln has no image for; build all that it can build." },
    runtimes: { value: "DIR", help: "Where the images are. Default: KILN_RUNTIMES, else /var/cache/kiln/runtimes." },
  },
  words: { least: 0, most: 100, name: "" },
  examples: [
    ["kiln runtimes", "what there is"],
    ["kiln runtimes build python3.13", "build one image"],
  ],

  async run(input, terminal) {
    const { loadConfig } = await import("../../config/index.ts");
    const flag = input.text("runtimes");
    const config = loadConfig(flag === undefined ? {} : { runtimes: resolve(flag) });
    const { runtimesDir, mavenRepository, registries, registryCredentials: credentialsFile } = config;
    const [verb, ...ids] = input.words;
    if (verb === "build")
      return build(input, terminal, { dir: runtimesDir, mavenRepository, registries, credentialsFile }, ids);
    if (verb !== undefined) throw new UsageError(`"${verb}" is not something that kiln runtimes does: it knows build.`);
    return list(input, terminal, runtimesDir);
  },
};

async function list(input: Input, terminal: Terminal, dir: string): Promise<void> {
  const { createRuntimes } = await import("../../artifacts/runtimes/runtimes.ts");
  const runtimes = createRuntimes({ dir });
  try {
    const catalogue = runtimes.catalogue();
    const entries = catalogue.map((entry) => {
      const warning = endOfRuntime(entry, catalogue, systemClock);
      return {
        ...entry,
        built: runtimes.image(entry.id) !== undefined,
        ...(warning === undefined ? {} : { warning }),
      };
    });
    if (input.flag("json")) {
      terminal.json(entries.map(({ build, ...entry }) => ({ ...entry, buildable: build !== undefined })));
      return;
    }
    const buildable = entries.filter(({ build }) => build !== undefined);
    const shown = input.flag("all") ? entries : buildable;
    terminal.print(table([["RUNTIME", "IMAGE", "DEPRECATED", "NO CREATE", "NO UPDATE"], ...shown.map(row)]));
    for (const { warning } of buildable) if (warning !== undefined) terminal.note(`warning: ${warning}`);
    if (shown.length < entries.length) {
      terminal.note(`${entries.length - shown.length} others have no image: --all shows them.`);
    }
    if (buildable.some(({ built }) => !built)) {
      terminal.note("What is not built is built when a function wants it, or now: kiln runtimes build ID");
    }
  } finally {
    runtimes.close();
  }
}

function row(entry: RuntimeEntry & { built: boolean }): string[] {
  const image = entry.built ? "built" : entry.build === undefined ? "none" : "not built";
  return [entry.id, image, entry.deprecated ?? "", entry.blockCreate ?? "", entry.blockUpdate ?? ""];
}

async function build(
  input: Input,
  terminal: Terminal,
  places: Pick<BuildOptions, "dir" | "mavenRepository"> & {
    registries: PlacesOptions["places"];
    credentialsFile: string | undefined;
  },
  named: readonly string[],
): Promise<void> {
  const ids = input.flag("all") ? await everything() : named;
  const { buildRuntimes } = await import("../../artifacts/runtimes/build.ts");
  const { openPlaces } = await import("../../artifacts/images/places.ts");
  const { registries, credentialsFile, ...settings } = places;
  const abort = new AbortController();
  process.once("SIGINT", () => abort.abort());
  const result: BuildResult = await terminal.progress("checking", (say) =>
    buildRuntimes({
      ...settings,
      openRepository: openPlaces({ places: [...registries, { host: "*" }], credentialsFile }),
      ...(ids.length === 0 ? {} : { ids }),
      signal: abort.signal,
      onProgress: ({ id, step, done, total }) => say(`[${Math.floor((100 * done) / total)}%] ${id}: ${step}`),
    }),
  );
  if (input.flag("json")) terminal.json(result);
  else {
    for (const id of result.built) terminal.print(`${id}  built`);
    for (const id of result.upToDate) terminal.print(`${id}  up to date`);
  }
}

async function everything(): Promise<string[]> {
  const { catalogue, isBuildable } = await import("../../artifacts/runtimes/catalogue.ts");
  return catalogue.filter(isBuildable).map(({ id }) => id);
}
