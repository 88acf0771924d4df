/** npm run bench -- [SCENARIO…]: see `--help`. Needs root and a set-up machine, as Kiln does. */
import { audit } from "./audit.ts";
import { auth } from "./auth.ts";
import { bursts } from "./burst.ts";
import { coldJava } from "./cold-java.ts";
import { cold } from "./cold.ts";
import { density } from "./density.ts";
import { events } from "./events.ts";
import { footprint } from "./footprint.ts";
import { compare } from "./harness/compare.ts";
import { commandLine, usage, type BenchOptions } from "./harness/options.ts";
import { isolation } from "./isolation.ts";
import { network } from "./network.ts";
import { pages } from "./pages.ts";
import { stream } from "./stream.ts";
import { printTargets, type Target } from "./targets.ts";
import { warm } from "./warm.ts";
import { installPeers } from "./warm-peers.ts";

/** Those that have targets; `cold` is all of them. */
const parts: Record<string, (options: BenchOptions) => Promise<Target[]>> = {
  "cold-node": (options) => cold("nodejs24.x", options),
  "cold-python": (options) => cold("python3.13", options),
  burst: bursts,
  density,
};

async function allOf(names: readonly string[], options: BenchOptions): Promise<void> {
  const targets: Target[] = [];
  for (const name of names) targets.push(...((await parts[name]?.(options)) ?? []));
  printTargets("Targets", targets);
}

const scenarios: Record<string, (options: BenchOptions) => Promise<void>> = {
  warm,
  cold: (options) => allOf(Object.keys(parts), options),
  "cold-java": coldJava,
  footprint,
  isolation,
  network,
  events,
  pages,
  audit,
  auth,
  stream,
};

function refuse(message: string): never {
  console.error(`${message}\n\n${usage}\n\nScenarios: ${Object.keys(scenarios).join(", ")}`);
  process.exit(2);
}

function parsed(): ReturnType<typeof commandLine> {
  try {
    return commandLine(process.argv.slice(2));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

for (const name of Object.keys(parts)) scenarios[name] = (options) => allOf([name], options);

const { words, options, help } = parsed();
const [first, ...rest] = words;
if (help) {
  console.log(`${usage}\n\nScenarios: ${Object.keys(scenarios).join(", ")}`);
} else if (first === "compare") {
  const [before, after] = rest;
  if (before === undefined || after === undefined) refuse("compare needs two files of results.");
  await compare(before, after);
} else if (first === "peers") {
  await installPeers();
} else {
  const names = words.length === 0 ? Object.keys(scenarios).filter((name) => !Object.hasOwn(parts, name)) : words;
  for (const name of names) if (!Object.hasOwn(scenarios, name)) refuse(`There is no scenario "${name}".`);
  for (const name of names) await scenarios[name]?.(options);
}
