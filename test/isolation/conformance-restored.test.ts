/** What every jail does, done by microVMs that go on from a snapshot. */
import { after } from "node:test";
import { sandboxConformance } from "../../src/sandbox/conformance/suite.ts";
import { microvm, onlyInFull } from "./levels.ts";
import { restoredSandbox } from "./restored-sandbox.ts";
import { openBench, type Bench } from "./support.ts";

const benches: Bench[] = [];
after(() => benches.forEach((bench) => bench.close()));

sandboxConformance(
  "microvm, restored",
  async () => {
    const bench = openBench("microvm");
    benches.push(bench);
    return { ...bench, open: async () => restoredSandbox(await bench.open(), bench) };
  },
  microvm.skip || onlyInFull,
);
