import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createAttachLock, ownGroup } from "./attach-lock.ts";
import { hostCgroupLayout, type CgroupLayout } from "./layout.ts";

const tree = { memory: "/cg/memory", cpu: "/cg/cpu", pids: "/cg/pids" };
const v1: CgroupLayout = { kind: "v1", version: 1, tree, trees: Object.values(tree) };
const v2: CgroupLayout = { kind: "v2", version: 2, tree: { memory: "/cg", cpu: "/cg", pids: "/cg" }, trees: ["/cg"] };

test("the group of this process, in each layout", () => {
  const text = "9:name=systemd:/a\n8:pids:/system.slice/x:y.service\n4:cpu,cpuacct:/b\n0::/unified\n";
  assert.equal(ownGroup(v1, text), "/cg/pids/system.slice/x:y.service");
  assert.equal(ownGroup(v2, text), "/cg/unified");
  assert.equal(ownGroup(v2, "0::/\n"), "/cg");
  assert.equal(ownGroup(v1, "0::/\n"), undefined);
});

test("taking the lock ahead leaves this process where it is", async () => {
  const layout = hostCgroupLayout();
  const before = readFileSync("/proc/self/cgroup", "utf8");
  assert.ok(existsSync(ownGroup(layout, before) ?? ""));
  const lock = createAttachLock(layout);
  lock.warm();
  lock.warm();
  await lock.settled();
  lock.warm();
  await lock.settled();
  assert.equal(readFileSync("/proc/self/cgroup", "utf8"), before);
});
