import assert from "node:assert/strict";
import { test } from "node:test";
import { fromInit } from "../host/children.ts";
import { jailConfig, type JailDescription } from "./config.ts";
import { createHoldings } from "./holdings.ts";
import { logMessages } from "./oci-runtime.ts";
import { seccompProfile } from "./seccomp.ts";
import { allowedCalls, refusedCalls } from "./syscalls.ts";

const description: JailDescription = {
  hostname: "j",
  argv: ["/usr/bin/tini", "--", "/x"],
  env: { A: "b=c" },
  user: { uid: 993, gid: 990 },
  idBase: 0x4000_0000,
  dirs: { root: "/r/root", tree: { task: "/r/task", opt: "/r/opt" }, tmp: "/r/tmp" },
  workingDirectory: "/",
  network: "/proc/1/fd/9",
  cgroup: "/kiln/i/j",
  limits: { memoryMB: 128, vcpus: 1, pids: 1024, tmpMB: 512 },
  swap: true,
  seccomp: seccompProfile("x64"),
};

test("a jail's configuration has every lock", () => {
  const config = jailConfig(description);
  assert.deepEqual(Object.values(config.process.capabilities).flat(), []);
  assert.equal(config.process.noNewPrivileges, true);
  assert.equal(config.root.readonly, true);
  assert.deepEqual(config.linux.namespaces.map(({ type }) => type).sort(), [
    "cgroup",
    "ipc",
    "mount",
    "network",
    "pid",
    "user",
    "uts",
  ]);
  assert.deepEqual(config.linux.uidMappings, [{ containerID: 0, hostID: 0x4000_0000, size: 65_536 }]);
  assert.deepEqual(config.linux.resources.memory, { limit: 128 << 20, swap: 128 << 20 });
  assert.deepEqual(config.process.env, ["A=b=c"]);
  for (const mount of config.mounts) assert.ok(mount.options.includes("nosuid"), mount.destination);
});

test("no system call is both allowed and refused, and the dangerous ones are on no list", () => {
  for (const profile of [seccompProfile("x64"), seccompProfile("arm64")]) {
    assert.equal(profile.defaultAction, "SCMP_ACT_ERRNO");
    assert.equal(profile.architectures.length, 1);
  }
  const refused = new Set(refusedCalls);
  assert.deepEqual(
    allowedCalls.filter((name) => refused.has(name)),
    [],
  );
  assert.equal(new Set(allowedCalls).size, allowedCalls.length);
  const conditional = ["clone", "socket", "ioctl", "personality"];
  const away = ["clone3", "io_uring_setup", "io_setup", "seccomp", "memfd_secret", "landlock_create_ruleset", "sync"];
  for (const name of [...conditional, ...away]) assert.ok(!allowedCalls.includes(name), name);
  assert.throws(() => seccompProfile("mips"), TypeError);
});

test("no rule without a mask: an argument's upper half never decides", () => {
  for (const rule of seccompProfile("x64").syscalls) {
    for (const argument of rule.args ?? []) assert.equal(argument.op, "SCMP_CMP_MASKED_EQ");
  }
});

test("the first process tells of its child's signal", () => {
  assert.deepEqual(fromInit({ status: 137, signal: null }), { status: null, signal: "SIGKILL" });
  assert.deepEqual(fromInit({ status: 128, signal: null }), { status: 128, signal: null });
  assert.deepEqual(fromInit({ status: 255, signal: null }), { status: 255, signal: null });
  assert.deepEqual(fromInit({ status: 1, signal: null }), { status: 1, signal: null });
  assert.deepEqual(fromInit({ status: null, signal: "SIGKILL" }), { status: null, signal: "SIGKILL" });
});

test("messages of an OCI runtime's log", () => {
  assert.equal(logMessages('{"level":"error","msg":"first"}\nplain\n{"msg":"second"}\n'), "first; plain; second");
  assert.equal(logMessages('{"msg":"first"}{"msg":"second"}'), "first; second");
});

test("holdings are given back in the opposite order, all of them, also when one fails", async () => {
  const order: number[] = [];
  const holdings = createHoldings();
  for (const step of [1, 2, 3]) {
    holdings.add(() => {
      order.push(step);
      if (step === 2) throw new Error("stuck");
    });
  }
  await assert.rejects(holdings.release(), /stuck/);
  assert.deepEqual(order, [3, 2, 1]);
  await holdings.release();
  assert.deepEqual(order, [3, 2, 1]);
});
