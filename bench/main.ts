/** npm run bench -- warm | cold | cold-python | cold-java | burst | density | … Needs root and a set-up machine, as Kiln does. */
import { audit } from "./audit.ts";
import { auth } from "./auth.ts";
import { bursts } from "./burst.ts";
import { coldJava } from "./cold-java.ts";
import { cold } from "./cold.ts";
import { density } from "./density.ts";
import { events } from "./events.ts";
import { isolation } from "./isolation.ts";
import { network } from "./network.ts";
import { pages } from "./pages.ts";
import { stream } from "./stream.ts";
import { signed } from "./signed.ts";
import { warm } from "./warm.ts";

const benchmarks: Record<string, () => Promise<void>> = {
  warm,
  cold: () => cold("nodejs24.x"),
  "cold-python": () => cold("python3.13"),
  "cold-java": coldJava,
  burst: bursts,
  density,
  isolation,
  network,
  events,
  pages,
  audit,
  auth,
  signed,
  stream,
};

const names = process.argv.slice(2);
const chosen = names.length === 0 ? Object.keys(benchmarks) : names;
for (const name of chosen) {
  const benchmark = benchmarks[name];
  if (benchmark === undefined) {
    console.error(`There is no benchmark "${name}"; there are ${Object.keys(benchmarks).join(", ")}.`);
    process.exit(2);
  }
  await benchmark();
}
