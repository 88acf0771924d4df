/** What is gVisor's own about a jail: the kernel that is seen inside, and what runs on the host for it. */
import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { release } from "node:os";
import { after, before, describe, test } from "node:test";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { levels } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";
import { hostUid, processesOf } from "./traces.ts";

const seen = `
  const fs = require("node:fs");
  const read = (name) => { try { return fs.readFileSync(name, "utf8"); } catch (error) { return error.code; } };
  console.log(JSON.stringify({
    release: require("node:os").release(),
    version: read("/proc/version"),
    commandLine: read("/proc/cmdline"),
    bootId: read("/proc/sys/kernel/random/boot_id"),
    modules: read("/proc/modules"),
    filesystems: read("/proc/filesystems"),
  }));
  setInterval(() => {}, 1e6);`;

const skip = levels.find(({ level }) => level === "gvisor")?.skip ?? false;

void describe("gvisor", { skip }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, "gvisor");
  });
  after(() => stage?.close());

  void test("the kernel inside is gVisor's, and tells nothing of the host's", async (t) => {
    const { jail, first } = await startScript(stage.sandbox, stage.bench, seen);
    t.after(() => jail.destroy());
    const [line] = await first;
    const inside = JSON.parse(String(line)) as Record<string, string>;
    const host = readFileSync("/proc/version", "utf8");
    assert.notEqual(inside["release"], release());
    assert.notEqual(inside["version"], host);
    assert.notEqual(inside["commandLine"], readFileSync("/proc/cmdline", "utf8"));
    assert.notEqual(inside["bootId"], readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
    // By its version.
    assert.match(String(inside["modules"]), /^(ENOENT)?$/);
    assert.notEqual(inside["filesystems"], readFileSync("/proc/filesystems", "utf8"));
  });

  void test("its processes on the host have ids of the jail, no new privileges and namespaces of their own", async (t) => {
    const { jail, first } = await startScript(stage.sandbox, stage.bench, seen);
    t.after(() => jail.destroy());
    await first;
    const processes = processesOf(stage.bench.instance);
    // gVisor's kernel and its file server, at least.
    assert.ok(processes.length >= 2);
    const network = readlinkSync(`/proc/${process.pid}/ns/net`);
    for (const pid of processes) {
      assert.ok(hostUid(pid) >= 0x4000_0000, String(pid));
      for (const name of ["user", "mnt"] as const) {
        assert.notEqual(readlinkSync(`/proc/${pid}/ns/${name}`), readlinkSync(`/proc/${process.pid}/ns/${name}`));
      }
      assert.notEqual(readlinkSync(`/proc/${pid}/ns/net`), network);
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      assert.match(status, /^Seccomp:\s+2$/m);
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim(), "1000");
    }
  });
});
