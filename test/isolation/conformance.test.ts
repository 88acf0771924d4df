import { sandboxConformance } from "../../src/sandbox/conformance.ts";
import { after } from "node:test";
import { openBench } from "./support.ts";

sandboxConformance("container", async () => {
  const bench = openBench();
  after(() => bench.close());
  return bench;
});
