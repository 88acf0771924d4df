import { after } from "node:test";
import { sandboxConformance } from "../../src/sandbox/conformance.ts";
import { openBench, type Bench } from "./support.ts";

let bench: Bench | undefined;
// Of the file, not of the suite's own hook: a hook that is registered inside another one does not run.
after(() => bench?.close());

sandboxConformance("container", async () => (bench = openBench()));
