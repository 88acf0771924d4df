/** Functions at the isolation level `gvisor`, through the public API: what AWS's contract says of them does not change. */
import assert from "node:assert/strict";
import { release } from "node:os";
import { test } from "node:test";
import { PublishLayerVersionCommand } from "@aws-sdk/client-lambda";
import { levels } from "../isolation/levels.ts";
import { call, deploy } from "../support/functions.ts";
import { leftovers, startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const skip = levels.find(({ level }) => level === "gvisor")?.skip ?? false;

const source = `
  import { release } from "node:os";
  const all = [];
  export const handler = async ({ action = "look" }) => {
    if (action === "hang") await new Promise(() => setInterval(() => {}, 1000));
    if (action === "eat") for (;;) all.push(Buffer.alloc(1 << 20, 1));
    if (action === "crash") process.exit(3);
    return { release: release() };
  };`;

test("functions on gVisor: answers, timeouts, crashes, memory, and what is left", { skip }, async (context) => {
  const kiln = await startTestKiln(context, { KILN_ISOLATION: "gvisor" });
  const client = kiln.client();
  await deploy(client, "guest", source, { MemorySize: 512, Timeout: 4 });
  const first = await call(client, "guest");
  const { release: inside } = first.payload as { release: string };
  assert.notEqual(inside, release());
  const used = Number(/Max Memory Used: (\d+) MB/.exec(first.log)?.[1]);
  assert.ok(used > 10 && used <= 512, first.log);

  const late = await call(client, "guest", { action: "hang" });
  assert.match(JSON.stringify(late.payload), /Task timed out after 4\.00 seconds/);
  const crashed = await call(client, "guest", { action: "crash" });
  assert.match(JSON.stringify(crashed.payload), /Runtime exited with error: exit status 3/);
  const full = await call(client, "guest", { action: "eat" });
  assert.match(JSON.stringify(full.payload), /Runtime\.OutOfMemory|signal: killed/);
  assert.equal((await call(client, "guest")).error, undefined);

  await kiln.kill();
  assert.ok(leftovers(kiln.state).length > 0, "what a killed Kiln leaves is there to be cleaned");
  await kiln.start();
  assert.equal((await call(kiln.client(), "guest")).error, undefined);
  await kiln.stop();
  assert.deepEqual(leftovers(kiln.state), []);
});

test("an extension beside a function on gVisor", { skip }, async (context) => {
  const kiln = await startTestKiln(context, { KILN_ISOLATION: "gvisor" });
  const client = kiln.client();
  const content = `#!/var/lang/bin/node
    const base = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2020-01-01/extension";
    const headers = { "Lambda-Extension-Name": "watcher" };
    const registered = await fetch(base + "/register", { method: "POST", headers, body: JSON.stringify({ events: ["INVOKE"] }) });
    const id = registered.headers.get("lambda-extension-identifier");
    for (;;) {
      const event = await (await fetch(base + "/event/next", { headers: { "Lambda-Extension-Identifier": id } })).json();
      console.log("seen", event.eventType);
    }`;
  const layer = await client.send(
    new PublishLayerVersionCommand({
      LayerName: "watcher",
      Content: { ZipFile: await zipOf({ "extensions/watcher": { content, mode: 0o100755 } }) },
    }),
  );
  await deploy(client, "watched", "export const handler = async (event) => event;", {
    Layers: [layer.LayerVersionArn ?? ""],
    MemorySize: 256,
    Timeout: 20,
  });
  const { payload, log } = await call(client, "watched", { n: 1 });
  assert.deepEqual(payload, { n: 1 });
  assert.match(log, /EXTENSION\tName: watcher\tState: Ready/);
});
