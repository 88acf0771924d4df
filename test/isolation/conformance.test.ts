import { after } from "node:test";
import { sandboxConformance } from "../../src/sandbox/conformance/suite.ts";
import { levels, microvm } from "./levels.ts";
import { openBench, type Bench } from "./support.ts";

const benches: Bench[] = [];
// Of the file, not of the suite's own hook: a hook that is registered inside another one does not run.
after(() => benches.forEach((bench) => bench.close()));

for (const { level, skip } of [...levels, microvm]) {
  const open = async () => {
    const bench = openBench(level);
    benches.push(bench);
    return bench;
  };
  sandboxConformance(level, open, skip);
}
