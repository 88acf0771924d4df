/** What a jail tries in vain. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";
import { elfProgram } from "../../src/sandbox/jail/tiny-program.ts";
import { openStage, type Stage } from "./support.ts";

let stage: Stage;
before(async () => {
  stage = await openStage();
});
after(() => stage?.close());

test("system calls that are not for functions", async () => {
  const answer = JSON.parse(await stage.probe("syscalls.mjs")) as Record<"refused" | "allowed", Record<string, string>>;
  for (const [name, outcome] of Object.entries(answer.refused)) {
    // Answers of the filter. An EINVAL or EBADF would be the kernel's: the call would have got through.
    assert.ok(["EPERM", "ENOSYS", "EAFNOSUPPORT", "no such call here"].includes(outcome), `${name}: ${outcome}`);
  }
  for (const [name, outcome] of Object.entries(answer.allowed)) assert.equal(outcome, "allowed", name);
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
  test(`system calls of the ABI ${abi} end the process`, { skip }, async () => {
    const PROGRAM = Buffer.from(elfProgram(62, code)).toString("base64");
    assert.equal(await stage.probe("foreign-abi.mjs", { env: { PROGRAM } }), "SIGSYS\n");
  });
}

test("writing anywhere but in /tmp", async () => {
  const owner = statSync("/dev/null").uid;
  assert.deepEqual(JSON.parse(await stage.probe("writes.mjs")), []);
  assert.equal(statSync("/dev/null").uid, owner, "the host's devices stay the host's");
});

test("ordinary programs are not in its way", async () => {
  assert.deepEqual(JSON.parse(await stage.probe("works.mjs")), []);
});
