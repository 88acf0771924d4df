import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { cpuQuota, openGroup } from "./group.ts";
import type { CgroupLayout } from "./layout.ts";

const MIB = 1024 * 1024;

function fixture(t: TestContext, version: 1 | 2, files: Readonly<Record<string, string>>) {
  const dir = mkdtempSync(join(tmpdir(), "kiln-group-"));
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, "jail"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, "jail", name), text);
  const tree = { memory: dir, cpu: dir, pids: dir };
  const freezer = { dir, version };
  const layout: CgroupLayout = { kind: version === 1 ? "v1" : "v2", version, tree, freezer, trees: [dir] };
  return {
    group: openGroup(layout, "jail", true),
    read: (name: string): string => readFileSync(join(dir, "jail", name), "utf8"),
    write: (name: string, text: string): void => writeFileSync(join(dir, "jail", name), text),
  };
}

test("v2: limits", (t) => {
  const { group, read } = fixture(t, 2, { "memory.oom.group": "0" });
  group.setMemory(128);
  group.setCpu(0.5);
  group.setPids(1024);
  assert.equal(read("memory.max"), String(128 * MIB));
  assert.equal(read("memory.swap.max"), "0");
  assert.equal(read("memory.oom.group"), "1");
  assert.equal(read("cpu.max"), "10000 20000");
  assert.equal(read("pids.max"), "1024");
});

test("v1: limits", (t) => {
  const { group, read } = fixture(t, 1, { "memory.limit_in_bytes": "1", "memory.kmem.tcp.limit_in_bytes": "1" });
  group.setMemory(256);
  group.setCpu(2);
  group.setPids(64);
  assert.equal(read("memory.limit_in_bytes"), String(256 * MIB));
  assert.equal(read("memory.memsw.limit_in_bytes"), String(256 * MIB));
  assert.equal(read("memory.kmem.tcp.limit_in_bytes"), String(256 * MIB));
  assert.equal(read("cpu.cfs_quota_us"), "40000");
  assert.equal(read("cpu.cfs_period_us"), "20000");
  assert.equal(read("pids.max"), "64");
});

test("freezing and thawing, by the file of each version", (t) => {
  const second = fixture(t, 2, {});
  second.group.setFrozen?.(true);
  assert.equal(second.read("cgroup.freeze"), "1");
  second.group.setFrozen?.(false);
  assert.equal(second.read("cgroup.freeze"), "0");
  const first = fixture(t, 1, {});
  first.group.setFrozen?.(true);
  assert.equal(first.read("freezer.state"), "FROZEN");
  first.group.setFrozen?.(false);
  assert.equal(first.read("freezer.state"), "THAWED");
});

test("the smallest share is what the kernel takes", () => {
  assert.equal(cpuQuota(0.001), 1000);
  assert.equal(cpuQuota(128 / 1769), 1447);
});

test("v2: figures leave out what the kernel would give back first, and the peak never falls", (t) => {
  const { group, write } = fixture(t, 2, {
    "memory.current": String(90 * MIB),
    "memory.peak": String(120 * MIB),
    "memory.stat": `anon 1\ninactive_file ${20 * MIB}\nactive_file 5\n`,
    "memory.events": "low 0\noom 3\noom_kill 2\noom_group_kill 0\n",
  });
  assert.deepEqual(group.memory(), { currentBytes: 70 * MIB, peakBytes: 100 * MIB, oomKills: 2 });
  write("memory.stat", `inactive_file ${60 * MIB}\n`);
  assert.deepEqual(group.memory(), { currentBytes: 30 * MIB, peakBytes: 100 * MIB, oomKills: 2 });
  assert.equal(group.peakBytes(), 100 * MIB);
  write("memory.current", String(170 * MIB));
  write("memory.peak", String(170 * MIB));
  assert.equal(group.peakBytes(), 110 * MIB);
});

test("v1: figures", (t) => {
  const { group } = fixture(t, 1, {
    "memory.usage_in_bytes": String(50 * MIB),
    "memory.max_usage_in_bytes": String(60 * MIB),
    "memory.stat": `inactive_file 7\ntotal_inactive_file ${10 * MIB}\n`,
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
  });
  assert.equal(group.peakBytes(), 50 * MIB);
  assert.deepEqual(group.memory(), { currentBytes: 40 * MIB, peakBytes: 50 * MIB, oomKills: 1 });
});

test("figures of a group that is gone are the last peak and zeros", (t) => {
  const { group } = fixture(t, 2, {});
  assert.deepEqual(group.memory(), { currentBytes: 0, peakBytes: 0, oomKills: 0 });
  assert.equal(group.peakBytes(), 0);
});
