/** A process with jails, to be killed by a test. Arguments: instance, root image, Node.js in it, code, level. */
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { openSandbox } from "./support.ts";

const [, , instance = "", rootImage = "", node = "", code = "", level = ""] = process.argv;
const sandbox = await openSandbox(level === "gvisor" ? level : "container", instance);
const script = `require("node:fs").writeFileSync("/tmp/x", "x"); setInterval(() => {}, 1000)`;
const start = () => startScript(sandbox, { rootImage, node }, script, { tree: { code } });
const [first] = await Promise.all([start(), start()]);
// Frozen processes hear no signal before they are thawed: whoever cleans up has to know.
first.jail.freeze?.();
process.stdout.write("ready\n");
// The parent kills this process at a moment that it chooses: in the middle of something, as often as not.
for (;;) {
  const { jail } = await start();
  await jail.destroy();
}
