/** Functions that take what they can get: processes, descriptors, memory, processors, disk, log, and time after their answer. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { openArena, type Arena } from "./hostile.ts";
import { hostile } from "./levels.ts";
import { hasCode, processesOf } from "./traces.ts";

const LOG_MB = 8;

/** A segment may be dropped for the bound while this counts: then it takes no room. */
function bytesBelow(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

/** What has come of an attack: its own answer, or how the call failed. */
interface Outcome {
  done?: string;
  refused?: string | null;
  count?: number;
  megabytes?: number;
  sparse?: string;
  raised?: string | null;
  errorType?: string;
}

async function standsStill(arena: Arena, name: string): Promise<void> {
  const worked = async () =>
    (await arena.call(name, { attack: "worked" })).payload as { thread: number; process: number };
  await sleep(200);
  const before = await worked();
  await sleep(2000);
  const later = await worked();
  // A tenth of a second of grace, and the call itself; two seconds would be hundreds of steps.
  assert.ok(later.thread - before.thread < 100, JSON.stringify([before, later]));
  assert.ok(later.process - before.process < 100, JSON.stringify([before, later]));
}

/** What an attack has come to, in a few words. */
function inWords({ refused, count, megabytes, sparse, raised, errorType, done }: Outcome): string {
  const figures = [
    count === undefined ? undefined : `after ${count}`,
    megabytes === undefined ? undefined : `after ${megabytes} MB`,
    sparse === undefined ? undefined : `sparse ${sparse}`,
    raised === null ? "not raised" : undefined,
  ];
  const end = errorType ?? refused ?? (done === undefined ? "no answer" : "answered");
  return [end, ...figures].filter((part) => part !== undefined).join(", ");
}

hostile("functions that take what they can get", async (context, level) => {
  const arena = await openArena(context, level, { KILN_LOG_GROUP_BYTES: String(LOG_MB * 1024 * 1024) });

  /** In a function of its own, which is then deleted: nothing of it lives on. */
  async function attack(
    attackName: string,
    {
      after,
      ...settings
    }: {
      Timeout?: number;
      EphemeralStorage?: { Size: number };
      after?: (arena: Arena, name: string) => Promise<void>;
    } = {},
  ): Promise<Outcome> {
    const before = new Set(processesOf(arena.instance));
    const name = attackName.replace("_", "-");
    // An emulated processor takes its time for each of them.
    const Timeout = level === "microvm" ? 180 : 20;
    await arena.deploy(name, "bombs.py", { Timeout, MemorySize: 256, ...settings });
    const { payload } = await arena.beside(
      attackName.replace("_", " "),
      () => arena.call(name, { attack: attackName }),
      (answer) => inWords(answer.payload as Outcome),
    );
    await after?.(arena, name);
    await arena.client.send(new DeleteFunctionCommand({ FunctionName: name }));
    // Jails that are pre-booted meanwhile have no code.
    const left = (): number[] => processesOf(arena.instance).filter((pid) => !before.has(pid) && hasCode(pid));
    for (let each = 0; left().length > 0; each += 1) {
      assert.ok(each < 1000, `${left().length} processes of ${attackName} live on`);
      await sleep(10);
    }
    return payload as Outcome;
  }

  await context.test("processes", async () => {
    const found = await attack("fork", { Timeout: 4 });
    // It shares its part of a processor with up to a thousand children, and may not get far.
    // gVisor's kernel takes memory for each of them, which is the jail's.
    const expected =
      level === "gvisor"
        ? /^(none|EAGAIN|Sandbox\.Timedout|Runtime\.OutOfMemory)$/
        : /^(none|EAGAIN|Sandbox\.Timedout)$/;
    assert.match(found.refused ?? found.errorType ?? "none", expected, JSON.stringify(found));
  });
  await context.test("descriptors and limits", async () => {
    const found = await attack("descriptors");
    assert.equal(found.refused, "EMFILE");
    assert.ok((found.count ?? 1024) < 1024);
    assert.deepEqual(await attack("limits"), { done: "limits", raised: null });
  });
  await context.test("memory", async () => {
    const found = await attack("memory");
    assert.equal(found.errorType, "Runtime.OutOfMemory");
    assert.equal((await attack("shared_memory")).errorType, "Runtime.OutOfMemory");
  });
  await context.test("processors", async () => {
    assert.deepEqual(await attack("spin"), { done: "spin" });
  });
  await context.test("disk", async () => {
    const found = await attack("disk");
    assert.equal(found.refused, "ENOSPC");
    assert.ok(Number(found.megabytes) >= 512 && Number(found.megabytes) <= 520, JSON.stringify(found));
    // gVisor's kernel notes the size, and learns from the host only later that there is no such file.
    assert.match(found.sparse ?? "taken", level === "gvisor" ? /^(taken|EFBIG)$/ : /^E(FBIG|INVAL|NOSPC)$/);
    const largest = await attack("allocate", { EphemeralStorage: { Size: 10_240 } });
    assert.equal(largest.refused, "ENOSPC");
    assert.ok(Number(largest.megabytes) >= 10_240 && Number(largest.megabytes) <= 10_300, JSON.stringify(largest));
    assert.ok(Number(largest.count) > 650_000 && Number(largest.count) < 700_000, JSON.stringify(largest));
    const files = await attack("files", { Timeout: 120 });
    assert.equal(files.refused, "ENOSPC");
    assert.ok((files.count ?? 40_000) < 40_000, JSON.stringify(files));
    await attack("names", { Timeout: 120 });
  });
  await context.test("the log", async () => {
    assert.deepEqual(await attack("log"), { done: "log" });
    // A group may be above its bound by what is being written.
    assert.ok(bytesBelow(join(arena.kiln.state, "logs")) < 4 * LOG_MB * 1024 * 1024);
  });
  await context.test("who ignores signals ends all the same", async () => {
    assert.deepEqual(await attack("stubborn"), { done: "stubborn" });
  });
  await context.test("what goes on after the answer stands still", async () => {
    await attack("work_on", { after: standsStill });
  });
  await arena.close();
});
