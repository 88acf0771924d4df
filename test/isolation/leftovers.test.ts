/** What is left of jails: nothing when they are destroyed, and nothing after the next start when Kiln was killed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { cleanInstance } from "../../src/sandbox/jail/ground.ts";
import { atEachLevel } from "./levels.ts";
import { newInstance, openStage, runDirOf, type Stage } from "./support.ts";
import { descriptors, processesOf, tracesOf } from "./traces.ts";

const sleeper = "setInterval(() => {}, 1000)";

atEachLevel((level) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, level);
  });
  after(() => stage?.close());

  void test("a destroyed jail leaves no mount, group, id, descriptor or directory", async (t) => {
    const { bench, probes } = stage;
    const instance = newInstance();
    const sandbox = await bench.open(instance);
    t.after(() => sandbox.close());
    const cycle = async (): Promise<void> => {
      const runs = await Promise.all(
        [1, 2].map(() => startScript(sandbox, bench, sleeper, { tree: { code: probes } })),
      );
      await Promise.all(runs.map(({ jail }) => jail.destroy()));
    };
    await cycle();
    const before = { traces: tracesOf(instance), descriptors: descriptors() };
    for (let i = 0; i < 3; i++) await cycle();
    assert.deepEqual({ traces: tracesOf(instance), descriptors: descriptors() }, before);
    await sandbox.close();
    assert.deepEqual(tracesOf(instance), []);
  });

  void test("a start that fails leaves nothing", async (t) => {
    const { bench } = stage;
    const instance = newInstance();
    const sandbox = await bench.open(instance);
    t.after(() => sandbox.close());
    // The runtime's image stays mounted for a while.
    await (await startScript(sandbox, bench, sleeper)).jail.destroy();
    const before = { traces: tracesOf(instance), descriptors: descriptors() };
    for (const more of [{ rootImage: "/nowhere" }, { tree: { code: "/nowhere" } }, { argv: [] as string[] }]) {
      const limits = { memoryMB: 1, vcpus: 1, pids: 1, tmpMB: 1 };
      await assert.rejects(startScript(sandbox, bench, "", { ...more, limits }));
    }
    assert.deepEqual({ traces: tracesOf(instance), descriptors: descriptors() }, before);
    await sandbox.close();
    assert.deepEqual(tracesOf(instance), []);
  });

  void test("the next start cleans up after a Kiln that was killed, and touches no other Kiln", async (t) => {
    const { bench, probes, sandbox } = stage;
    const bystander = await startScript(sandbox, bench, sleeper);
    const bystanders = processesOf(bench.instance);
    assert.ok(bystanders.length > 0);
    const instance = newInstance();
    for (const delay of [0, 15, 35]) {
      const file = join(import.meta.dirname, "kiln-process.ts");
      const child = spawn(process.execPath, [file, instance, bench.rootImage, bench.node, probes, level], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      await sleep(delay);
      child.kill("SIGKILL");
      await once(child, "exit");
      assert.ok(processesOf(instance).length > 0, "jails of a killed Kiln go on: that is what the cleaning is for");
    }
    const again = await bench.open(instance);
    t.after(() => again.close());
    assert.deepEqual(processesOf(instance), []);
    const { jail } = await startScript(again, bench, sleeper);
    await jail.destroy();
    await again.close();
    assert.deepEqual(tracesOf(instance), []);
    // It may have started more by now; what it had must still be there.
    assert.deepEqual(
      processesOf(bench.instance).filter((pid) => bystanders.includes(pid)),
      bystanders,
    );
    await bystander.jail.destroy();
  });

  void test("cleaning an instance that never was does nothing", async () => {
    const instance = newInstance();
    assert.deepEqual(await cleanInstance({ instance, runDir: runDirOf(instance) }), { jails: 0, mounts: 0, links: 0 });
    assert.deepEqual(tracesOf(instance), []);
  });
});
