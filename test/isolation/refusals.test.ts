/** What a jail tries in vain. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";
import { elfProgram } from "../../src/sandbox/jail/tiny-program.ts";
import { atEachLevel } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";

/** What gVisor's kernel answers by itself, without its filter. It has nothing behind these calls that is the host's. */
const gvisorsAnswers: Readonly<Record<string, string>> = {
  // Versions that have it.
  clone3: "EINVAL",
  io_setup: "EFAULT",
  "personality READ_IMPLIES_EXEC": "EINVAL",
  "personality with a hidden upper half": "EINVAL",
  "personality that asks": "EINVAL",
  "personality of Linux": "EINVAL",
  "socket netlink netfilter": "EPROTONOSUPPORT",
  "socket netlink uevent": "allowed",
  "socket netlink xfrm": "EPROTONOSUPPORT",
  "ioctl TIOCSTI": "ENOTTY",
  "ioctl TIOCSTI with a hidden upper half": "ENOTTY",
};

/** gVisor's own again: an inert device, two directories, and a number that its kernel does nothing with. */
const gvisorsPlaces = [
  "a kinder fate when memory is short",
  "unknown device fuse",
  "unknown device pts",
  "unknown device shm",
];

atEachLevel((level) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, level);
  });
  after(() => stage?.close());

  void test("system calls that are not for functions", async () => {
    const answer = JSON.parse(await stage.probe("syscalls.mjs")) as Record<
      "refused" | "allowed",
      Record<string, string>
    >;
    for (const [name, outcome] of Object.entries(answer.refused)) {
      if (level === "gvisor" && [gvisorsAnswers[name], "EACCES"].includes(outcome)) continue;
      // Answers of the filter. An EINVAL or EBADF would be the kernel's: the call would have got through.
      assert.ok(["EPERM", "ENOSYS", "EAFNOSUPPORT", "no such call here"].includes(outcome), `${name}: ${outcome}`);
    }
    for (const [name, outcome] of Object.entries(answer.allowed)) {
      if (level === "gvisor" && gvisorsAnswers[name] === outcome) continue;
      assert.equal(outcome, "allowed", name);
    }
  });

  const exit = [0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05];
  const foreign: Readonly<Record<string, readonly number[]>> = {
    // mov eax, 20 (getpid); int 0x80
    "32-bit x86": [0xb8, 20, 0, 0, 0, 0xcd, 0x80, ...exit],
    // mov eax, 0x40000027 (getpid); syscall
    x32: [0xb8, 0x27, 0, 0, 0x40, 0x0f, 0x05, ...exit],
  };
  for (const [abi, code] of Object.entries(foreign)) {
    const skip = process.arch === "x64" ? false : "there is no such ABI on this processor";
    void test(`system calls of the ABI ${abi} end the process`, { skip }, async () => {
      // gVisor's kernel takes whatever the processor brings it for a call of its own: the program ends by itself.
      const PROGRAM = Buffer.from(elfProgram(62, code)).toString("base64");
      assert.equal(
        await stage.probe("foreign-abi.mjs", { env: { PROGRAM } }),
        level === "gvisor" ? "null\n" : "SIGSYS\n",
      );
    });
  }

  void test("writing anywhere but in /tmp", async () => {
    const owner = statSync("/dev/null").uid;
    const places = JSON.parse(await stage.probe("writes.mjs")) as string[];
    // An empty directory of newer versions.
    const found = places.filter((place) => !(level === "gvisor" && place === "unknown device char"));
    assert.deepEqual(found, level === "gvisor" ? gvisorsPlaces : []);
    assert.equal(statSync("/dev/null").uid, owner, "the host's devices stay the host's");
  });

  void test("ordinary programs are not in its way", async () => {
    assert.deepEqual(JSON.parse(await stage.probe("works.mjs")), []);
  });
});
