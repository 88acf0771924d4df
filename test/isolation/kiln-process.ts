/** A process with jails, to be killed by a test. Arguments: instance, root image, Node.js in it. */
import { createContainerSandbox } from "../../src/sandbox/jail/container-sandbox.ts";
import { startScript } from "../../src/sandbox/conformance.ts";
import { runDirOf } from "./support.ts";

const [, , instance = "", rootImage = "", node = "", code = ""] = process.argv;
const sandbox = await createContainerSandbox({
  runDir: runDirOf(instance),
  instance,
  ociRuntimes: ["crun", "runc"],
});
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
