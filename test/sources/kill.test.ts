/** kill -9 while a stream is read: every record is handled, and the checkpoints keep most from being handled again. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { startKinesis } from "../support/kinesalite.ts";
import { until } from "./bench.ts";

/** Of the suite; a longer run is asked for in the environment. */
const RECORDS = Number(process.env["KILN_TEST_RECORDS"] ?? 3000);
const KILLS = Number(process.env["KILN_TEST_KILLS"] ?? 6);

test("records of a stream outlive the process that handles them", async (context) => {
  const dir = await mkdtemp(join(tmpdir(), "kiln-streams-kill-"));
  const out = join(dir, "handled");
  await writeFile(out, "");
  const kinesis = await startKinesis(context);
  const arn = await kinesis.create("s", 3);
  let child: ChildProcess | undefined;
  let errors = "";
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child?.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    child = undefined;
  };
  context.after(async () => {
    await kill();
    await rm(dir, { recursive: true, force: true });
  });
  const start = (): void => {
    const program = join(import.meta.dirname, "kill-child.ts");
    child = spawn(process.execPath, [program, join(dir, "store"), kinesis.endpoint, arn, out], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  };
  const handled = async (): Promise<string[]> => (await readFile(out, "utf8")).split("\n").slice(0, -1);

  const records = Array.from({ length: RECORDS }, (_, n) => ({ key: `k${n % 23}`, data: `k${n % 23}-${n}` }));
  const share = Math.ceil(RECORDS / KILLS);
  for (let round = 0; round < KILLS; round += 1) {
    // Whatever the machine's speed, each round has something to do and gets somewhere.
    await kinesis.put("s", records.slice(round * share, (round + 1) * share));
    const before = (await handled()).length;
    start();
    await until(async () => (await handled()).length > before);
    await sleep(Math.random() * 60);
    await kill();
  }
  start();
  await until(async () => new Set(await handled()).size === RECORDS);
  const all = await handled();
  for (let key = 0; key < 23; key += 1) {
    const own = [...new Set(all.filter((text) => text.startsWith(`k${key}-`)))];
    const ns = own.map((text) => Number(text.split("-")[1]));
    assert.deepEqual(
      ns,
      ns.toSorted((a, b) => a - b),
      `order of k${key}`,
    );
  }
  const again = all.length - RECORDS;
  assert.ok(again < RECORDS, `${again} of ${RECORDS} records were handled again: nothing was kept`);
  assert.equal(errors, "");
  context.diagnostic(`${RECORDS} records, ${KILLS} kills, ${again} handled again`);
});
