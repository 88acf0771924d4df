import assert from "node:assert/strict";
import { test } from "node:test";
import { seccompProfile } from "../jail/seccomp.ts";
import { firecrackerDriver } from "./firecracker/driver.ts";
import { qemuDriver } from "./qemu/driver.ts";
import { vmmSeccomp } from "./vmm-config.ts";

const files = { version: "1", rootImage: "/none" };
const KVM_RUN = 0xae80;
const KVM_CREATE_DEVICE = 0xc00caee0;
const SIOCSIFADDR = 0x8916;

function allows(seccomp: Parameters<typeof vmmSeccomp>[1], request: number): boolean {
  return vmmSeccomp(seccompProfile("x64"), seccomp).syscalls.some(
    ({ names, action, args }) =>
      names.includes("ioctl") &&
      action === "SCMP_ACT_ALLOW" &&
      args?.every(({ value, valueTwo = 0 }) => (request & value) >>> 0 === valueTwo),
  );
}

test("QEMU may make all requests of KVM where it has it, and none where it has not", () => {
  const kvm = qemuDriver({ ...files, acceleration: "kvm" }).seccomp;
  const tcg = qemuDriver({ ...files, acceleration: "tcg" }).seccomp;
  for (const request of [KVM_RUN, KVM_CREATE_DEVICE]) {
    assert.equal(allows(kvm, request), true);
    assert.equal(allows(tcg, request), false);
  }
  assert.equal(allows(kvm, SIOCSIFADDR), false);
});

test("Firecracker may make those of KVM that it makes", () => {
  const { seccomp } = firecrackerDriver(files);
  assert.equal(allows(seccomp, KVM_RUN), true);
  assert.equal(allows(seccomp, KVM_CREATE_DEVICE), false);
});

test("a VMM has local sockets and no others", () => {
  const { syscalls } = vmmSeccomp(seccompProfile("x64"), firecrackerDriver(files).seccomp);
  const sockets = syscalls.filter(({ names, action }) => names.includes("socket") && action === "SCMP_ACT_ALLOW");
  assert.deepEqual(
    sockets.map(({ args }) => args?.map(({ index, value }) => [index, value])),
    [[[0, 1]]],
  );
});
