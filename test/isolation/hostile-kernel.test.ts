/** A function that asks the kernel for what it must not have, in native calls. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openArena } from "./hostile.ts";

interface Found {
  attempts: Record<string, string>;
  rights: string[];
  user: [number[], number[], number[]];
  setuid: string[];
  sys: string[];
}

/** Refusals by name: by the filter of system calls, for want of rights, of a device or file, of a writable place. */
const REFUSED = [
  "EPERM",
  "ENOSYS",
  "EACCES",
  "ENOENT",
  "EROFS",
  "ENODEV",
  "ENXIO",
  "ENOTDIR",
  "masked",
  "nothing in it",
];
/** Calls that the kernel knows for everybody, and refuses to do what was asked. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "new privileges again": ["EINVAL"],
  "no seccomp": ["EINVAL"],
  "read /sys/fs/bpf": ["EISDIR"],
};

test("a function's native attacks on the kernel", async (context) => {
  const arena = await openArena(context);
  await arena.deploy("kernel", "kernel.py", { MemorySize: 256 });
  const { payload, error, log } = await arena.beside("system calls, devices, settings", () => arena.call("kernel"));
  assert.equal(error, undefined, log);
  const { attempts, rights, user, setuid, sys } = payload as Found;
  assert.ok(Object.keys(attempts).length > 100);
  const open = Object.entries(attempts).filter(
    ([name, outcome]) => !REFUSED.includes(outcome) && ALSO[name]?.includes(outcome) !== true,
  );
  assert.deepEqual(Object.fromEntries(open), {});
  assert.deepEqual(rights, ["0000000000000000", "0000000000000000", "0000000000000000", "1"]);
  assert.deepEqual(user, [[993, 993, 993], [990, 990, 990], []]);
  assert.deepEqual(setuid, []);
  assert.deepEqual(sys, []);
  await arena.close();
});
