/** A function that asks the kernel for what it must not have, in native calls. */
import assert from "node:assert/strict";
import { openArena } from "./hostile.ts";
import { hostile } from "./levels.ts";

interface Found {
  attempts: Record<string, string>;
  /** The same on a file that is the function's: the attempts can succeed. */
  allowed: Record<string, string>;
  /** Capabilities, and whether there may be more. */
  rights: (string | null)[];
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
/** What gVisor's kernel says in addition, to things that it has no use for; and its own /sys, with nothing of the host's. */
const gvisors: Readonly<Record<string, readonly string[]>> = {
  "an ambient capability": ["EINVAL"],
  "write /proc/self/uid_map": ["EINVAL"],
};
const gvisorsSys = "block bus class dev devices firmware fs kernel module power";

/** Calls that the kernel knows for everybody, and refuses to do what was asked. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "new privileges again": ["EINVAL"],
  "no seccomp": ["EINVAL"],
  "read /sys/fs/bpf": ["EISDIR"],
};

hostile(
  "a function's native attacks on the kernel",
  async (context, level) => {
    const arena = await openArena(context, level);
    await arena.deploy("kernel", "kernel.py", { MemorySize: 256 });
    const { payload, error, log } = await arena.beside("system calls, devices, settings", () => arena.call("kernel"));
    assert.equal(error, undefined, log);
    const inGvisor = level === "gvisor";
    const also = inGvisor ? { ...ALSO, ...gvisors } : ALSO;
    const { attempts, allowed, rights, user, setuid, sys } = payload as Found;
    assert.ok(Object.keys(attempts).length > 100);
    for (const [name, outcome] of Object.entries(attempts)) arena.denied(name, outcome);
    const open = Object.entries(attempts).filter(
      ([name, outcome]) => !REFUSED.includes(outcome) && also[name]?.includes(outcome) !== true,
    );
    assert.deepEqual(Object.fromEntries(open), {});
    assert.deepEqual(allowed, { create: "allowed", write: "allowed", read: "allowed" });
    assert.deepEqual(rights, [
      "0000000000000000",
      "0000000000000000",
      "0000000000000000",
      inGvisor ? (rights[3] ?? null) : "1",
    ]);
    assert.deepEqual(user, [[993, 993, 993], [990, 990, 990], []]);
    assert.deepEqual(setuid, []);
    assert.equal(sys.sort().join(" "), inGvisor ? gvisorsSys : "");
    await arena.close();
  },
  { inMicrovms: true },
);
