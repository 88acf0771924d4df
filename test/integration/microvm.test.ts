/** Functions at the isolation level `microvm`, through the public API: what AWS's contract says of them does not change. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { instanceName, loadConfig } from "../../src/config/index.ts";
import { microvm } from "../isolation/levels.ts";
import { call, deploy } from "../support/functions.ts";
import { leftovers, startTestKiln } from "../support/kiln.ts";

const source = `
  import { randomBytes } from "node:crypto";
  import { readFileSync, writeFileSync } from "node:fs";
  import { release } from "node:os";
  const all = [];
  export const handler = async ({ action = "look" }) => {
    if (action === "hang") await new Promise(() => setInterval(() => {}, 1000));
    if (action === "eat") for (;;) all.push(Buffer.alloc(1 << 20, 1));
    if (action === "crash") { writeFileSync("/tmp/kept", "kept"); process.exit(3); }
    if (action === "kept") return readFileSync("/tmp/kept", "utf8");
    // When the process has begun, in ticks since the machine's start: the same for all that go on from one snapshot.
    const born = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ")[19];
    if (action === "born") return { born, stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME };
    return { release: release(), random: randomBytes(16).toString("hex"), at: Date.now() };
  };`;

test(
  "functions in microVMs: answers, crashes, timeouts, memory, and what is left",
  { skip: microvm.skip },
  async (context) => {
    const kiln = await startTestKiln(context, { KILN_ISOLATION: "microvm" });
    const client = kiln.client();
    // Under emulation a runtime takes seconds to load, which after a crash is the next call's time.
    await deploy(client, "guest", source, { MemorySize: 512, Timeout: 120 });
    const startedAt = Date.now();
    const first = await call(client, "guest");
    const { release: inside, at } = first.payload as { release: string; at: number };
    assert.notEqual(inside, release());
    assert.ok(at >= startedAt && at <= Date.now(), "the guest's clock is the host's");
    const used = Number(/Max Memory Used: (\d+) MB/.exec(first.log)?.[1]);
    assert.ok(used > 10 && used <= 512, first.log);

    const crashed = await call(client, "guest", { action: "crash" });
    assert.match(JSON.stringify(crashed.payload), /Runtime exited with error: exit status 3/);
    assert.equal((await call(client, "guest", { action: "kept" })).payload, "kept");
    const full = await call(client, "guest", { action: "eat" });
    assert.match(JSON.stringify(full.payload), /Runtime\.OutOfMemory|signal: killed/);
    assert.equal((await call(client, "guest")).error, undefined);
    await deploy(client, "short", source, { Timeout: 2 });
    const late = await call(client, "short", { action: "hang" });
    assert.match(JSON.stringify(late.payload), /Task timed out after 2\.00 seconds/);

    await kiln.kill();
    assert.ok(leftovers(kiln.state).length > 0, "what a killed Kiln leaves is there to be cleaned");
    await kiln.start();
    await kiln.stop();
    assert.deepEqual(leftovers(kiln.state), []);
  },
);

test(
  "a function in a microVM that has crashed goes on from its runtime's snapshot, with its /tmp and its log stream",
  { skip: microvm.skip },
  async (context) => {
    const kiln = await startTestKiln(context, { KILN_ISOLATION: "microvm" });
    const client = kiln.client();
    const own = join(loadConfig({}, process.env).runDir, instanceName(kiln.state));
    const count = (dir: string, pattern: RegExp): number =>
      existsSync(join(own, dir)) ? readdirSync(join(own, dir)).filter((name) => pattern.test(name)).length : 0;
    const until = async (condition: () => boolean): Promise<void> => {
      for (let tries = 0; !condition(); tries++) {
        assert.ok(tries < 2400, kiln.output());
        await sleep(50);
      }
    };
    await deploy(client, "first", source, { Timeout: 120 });
    await call(client, "first");
    // The jail that the snapshot is taken of ends with it.
    await until(() => count("snapshots", /^1$/) === 1 && count("jails", /^[^.]+$/) === 1);

    await deploy(client, "second", source, { Timeout: 120 });
    const born = (await call(client, "second", { action: "born" })).payload;
    const crashed = await call(client, "second", { action: "crash" });
    assert.match(JSON.stringify(crashed.payload), /Runtime exited with error: exit status 3/);
    // A call that comes before the reset is over gets an environment of its own.
    await until(() => count("jails", /^[^.]+$/) === 1);
    assert.deepEqual((await call(client, "second", { action: "born" })).payload, born);
    assert.equal((await call(client, "second", { action: "kept" })).payload, "kept");
    await kiln.stop();
    assert.deepEqual(leftovers(kiln.state), []);
  },
);
