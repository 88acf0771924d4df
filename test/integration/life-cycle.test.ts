/** The life of an environment through the public API: the same at every level of isolation, and what REPORT says of it too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { levels, microvm } from "../isolation/levels.ts";
import { call, deploy, type Answer } from "../support/functions.ts";
import { jailsOf, leftovers, startTestKiln } from "../support/kiln.ts";

const source = `
  import { existsSync, statfsSync, writeFileSync } from "node:fs";
  const all = [];
  let ticks = 0;
  setInterval(() => (ticks += 1), 10);
  export const handler = async ({ action }) => {
    if (action === "hang") await new Promise(() => {});
    if (action === "eat") for (;;) all.push(Buffer.alloc(1 << 20, 1));
    if (action === "crash") { writeFileSync("/tmp/kept", ""); process.exit(3); }
    const { blocks, bsize } = statfsSync("/tmp");
    return { ticks, now: Date.now(), kept: existsSync("/tmp/kept"), tmpMB: Math.round((blocks * bsize) / 2 ** 20) };
  };`;

interface Seen {
  ticks: number;
  now: number;
  kept: boolean;
  tmpMB: number;
}

const FROZEN_MS = 4_000;

/** The names of the fields of the REPORT line, and what follows the first of them that tells how it ended. */
function reported({ log }: Answer): string[] {
  const line = log.split("\n").find((text) => text.startsWith("REPORT ")) ?? assert.fail(log);
  return line.split("\t").flatMap((field) => {
    const [name = "", value = ""] = field.trim().split(": ");
    if (name === "REPORT RequestId" || name === "") return [];
    return /^(Memory Size|Status|Error Type)$/.test(name) ? [`${name}: ${value}`] : [name];
  });
}

const figures = ["Duration", "Billed Duration", "Memory Size: 256 MB", "Max Memory Used"];

for (const { level, skip } of [...levels, microvm]) {
  test(
    `the life of an environment, ${level}: calls, freezing, a crash, memory, time, the end`,
    { skip },
    async (context) => {
      const kiln = await startTestKiln(context, { KILN_ISOLATION: level, KILN_POOL_SIZE: "0" });
      const client = kiln.client();
      // A call that comes before a reset is over gets an environment of its own.
      const reset = async (): Promise<void> => {
        while (jailsOf(kiln.state).length > 0) await sleep(20);
      };
      // Under emulation a runtime takes seconds to load, which after a crash is the next call's time.
      await deploy(client, "living", source, { MemorySize: 256, Timeout: 120 });
      const look = async (): Promise<{ seen: Seen; answer: Answer }> => {
        const answer = await call(client, "living", {});
        assert.equal(answer.error, undefined, JSON.stringify(answer.payload));
        return { seen: answer.payload as Seen, answer };
      };
      const first = await look();
      assert.deepEqual(reported(first.answer), [...figures, "Init Duration"]);
      assert.ok(first.seen.tmpMB > 400 && first.seen.tmpMB <= 540, `/tmp of ${first.seen.tmpMB} MB`);

      await sleep(FROZEN_MS);
      const second = await look();
      assert.deepEqual(reported(second.answer), figures);
      assert.ok(second.seen.now - first.seen.now >= FROZEN_MS, "the clock goes on");
      assert.ok(second.seen.ticks - first.seen.ticks < FROZEN_MS / 20, `${second.seen.ticks - first.seen.ticks} ticks`);

      const crashed = await call(client, "living", { action: "crash" });
      assert.match(JSON.stringify(crashed.payload), /Runtime exited with error: exit status 3/);
      assert.deepEqual(reported(crashed), [...figures, "Status: error", "Error Type: Runtime.ExitError"]);
      await reset();
      const full = await call(client, "living", { action: "eat" });
      assert.deepEqual(reported(full), [...figures, "Status: error", "Error Type: Runtime.OutOfMemory"]);
      assert.match(full.log, /\tMax Memory Used: 256 MB\t/);
      await reset();
      assert.equal((await look()).seen.kept, true);

      await deploy(client, "short", source, { MemorySize: 256, Timeout: 2 });
      const late = await call(client, "short", { action: "hang" });
      assert.match(JSON.stringify(late.payload), /Task timed out after 2\.00 seconds/);
      assert.deepEqual(reported(late), [...figures, "Init Duration", "Status: timeout"]);

      await kiln.stop();
      assert.deepEqual(leftovers(kiln.state), []);
    },
  );
}
