/** What Kilns of one machine share is given back, whenever a Kiln that took some of it is killed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openForwarding } from "../../src/sandbox/host/network/forwarding.ts";
import { createUidRanges } from "../../src/sandbox/host/uid-ranges.ts";
import { networkTraces } from "../support/kiln.ts";
import { newInstance } from "./support.ts";
import { openTopology } from "./topology.ts";

const KILLS = 15;
const program = join(import.meta.dirname, "claiming-process.ts");

/** Starts it again and again, and kills it at another moment each time; `look` sees at what is left. */
async function kill(start: () => ChildProcess, look: () => void): Promise<void> {
  for (let kills = 0; kills < KILLS; kills++) {
    const child = start();
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    await sleep(Math.random() * 20);
    child.kill("SIGKILL");
    await once(child, "exit");
    look();
  }
}

const claiming = (...parameters: string[]): ChildProcess =>
  spawn(process.execPath, [program, ...parameters], { stdio: ["ignore", "pipe", "inherit"] });

const forwards = () => readFileSync("/proc/sys/net/ipv4/conf/up0/forwarding", "utf8").trim() === "1";

test("id ranges", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "kiln-ids-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const owner = newInstance();
  await kill(
    () => claiming("ranges", owner, dir),
    () => {
      createUidRanges({ dir, owner }).releaseAll();
      assert.deepEqual(readdirSync(dir), []);
    },
  );
});

test("forwarding of an interface", async (t) => {
  const topology = openTopology();
  t.after(() => topology.close());
  const owner = newInstance();
  await kill(
    () => claiming("forwarding", owner, "up0"),
    () => {
      openForwarding(owner).release();
      assert.deepEqual({ forwards: forwards(), traces: networkTraces(owner) }, { forwards: false, traces: [] });
    },
  );
});
