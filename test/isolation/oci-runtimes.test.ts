/** What each OCI runtime of this machine does with a jail, also those that Kiln would not choose here. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import type { Sandbox } from "../../src/sandbox/contract.ts";
import { createGvisorSandbox } from "../../src/sandbox/gvisor/gvisor-sandbox.ts";
import { hostCgroupLayout } from "../../src/sandbox/host/cgroups/layout.ts";
import { containerRuntimes } from "../../src/sandbox/jail/container-runtimes.ts";
import { createContainerSandbox } from "../../src/sandbox/jail/container-sandbox.ts";
import { probeOciRuntime } from "../../src/sandbox/jail/probe.ts";
import { levels } from "./levels.ts";
import { newInstance, openBench, runDirOf, type Bench } from "./support.ts";
import { descriptors, tracesOf } from "./traces.ts";

/** More at once, and one after the other, than a race in an OCI runtime's start needs to show. */
const [ROUNDS, AT_ONCE] = [4, 6];
const DEVICES = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);

interface Here {
  name: string;
  skip: string | false;
  open: (instance: string) => Promise<Sandbox>;
}

async function containerHere(program: string): Promise<Here> {
  const reasons: string[] = [];
  for (const runtime of containerRuntimes(program, hostCgroupLayout())) {
    const { ok, reason } = await probeOciRuntime(runtime);
    runtime.close?.();
    reasons.push(ok ? "" : reason);
  }
  return {
    name: program,
    skip: reasons.includes("") ? false : `${program} does not run here (${reasons.join("; ")})`,
    open: (instance) => createContainerSandbox({ runDir: runDirOf(instance), instance, ociRuntimes: [program] }),
  };
}

const all: Here[] = [
  await containerHere("crun"),
  await containerHere("runc"),
  {
    name: "runsc",
    skip: levels.find(({ level }) => level === "gvisor")?.skip ?? "no such level",
    open: (instance) => createGvisorSandbox({ runDir: runDirOf(instance), instance }),
  },
];

function ownerOf(path: string): string {
  const { uid, gid, mode } = statSync(path);
  return `${path} ${uid}:${gid} ${mode.toString(8)}`;
}

const owners = (): string[] => DEVICES.map(ownerOf);

for (const { name, skip, open } of all) {
  void describe(name, { skip }, () => {
    let bench: Bench;
    before(() => {
      bench = openBench();
    });
    after(() => bench?.close());

    void test("starts many jails at once, each time, and leaves the host's devices and descriptors as they were", async (t) => {
      const devices = owners();
      const instance = newInstance();
      const sandbox = await open(instance);
      t.after(() => sandbox.close());
      assert.deepEqual(owners(), devices, "after the self-test");
      const round = async (): Promise<void> => {
        const runs = await Promise.all(
          Array.from({ length: AT_ONCE }, () => startScript(sandbox, bench, `console.log("here")`)),
        );
        for (const { jail, stdout } of runs) {
          assert.deepEqual(await jail.exited, { status: 0, signal: null, oomKilled: false });
          assert.equal(await stdout, "here\n");
          await jail.destroy();
        }
      };
      await round();
      const held = descriptors();
      for (let count = 1; count < ROUNDS; count += 1) await round();
      assert.deepEqual(descriptors(), held);
      assert.deepEqual(owners(), devices, "after the jails");
      assert.equal(statSync("/dev/null").uid, 0);
      await sandbox.close();
      assert.deepEqual(tracesOf(instance), []);
    });
  });
}
