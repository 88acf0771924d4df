/**
 * The list of system calls, call by call: every number that there is, and some that there are not yet, but for those that are
 * allowed. What is allowed is seen to work by `refusals`, and by every runtime.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import koffi from "koffi";
import { allowedCalls, refusedCalls } from "../../src/sandbox/jail/syscalls.ts";
import { atEachLevel } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";

/** AUDIT_ARCH_…, linux/audit.h. */
const architecture = process.arch === "arm64" ? 0xc000_00b7 : 0xc000_003e;
/** Above all that kernels have today. */
const END = 1024;
/** Allowed with some arguments; those with which they are not are in `refusals`. */
const CONDITIONAL = ["clone", "personality", "ioctl", "socket"];
/** It does nothing, and says that it has done it. */
const EMPTY = "sync";

/**
 * uretprobe and uprobe of x86-64: newer kernels let no filter see them, and end whoever calls them without having been
 * traced (SIGILL).
 */
const NEVER_FILTERED = process.arch === "x64" ? [335, 336] : [];

/** The library that crun has its filters from knows all names and numbers. */
const nameOf = koffi
  .load("libseccomp.so.2")
  .func("const char *seccomp_syscall_resolve_num_arch(uint32_t architecture, int number)") as (
  architecture: number,
  number: number,
) => string | null;

const calls = Array.from({ length: END }, (_, number) => ({
  number,
  name: nameOf(architecture, number) ?? `call ${number}`,
}));

atEachLevel((level) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, level);
  });
  after(() => stage?.close());

  async function outcomesOf(which: readonly { number: number; name: string }[]): Promise<Record<string, string>> {
    const CALLS = JSON.stringify(which.map(({ number }) => number));
    const outcomes = JSON.parse(await stage.probe("every-call.mjs", { env: { CALLS } })) as string[];
    return Object.fromEntries(which.map(({ name }, index) => [name, outcomes[index] ?? "nothing"]));
  }

  void test("calls that are refused by name", async () => {
    const which = calls.filter(({ name }) => refusedCalls.includes(name));
    // Those of newer kernels may be unknown to the library, and some are no calls of this processor's.
    assert.ok(which.length > refusedCalls.length - 12, `${which.length} of ${refusedCalls.length} have a number here`);
    for (const [name, outcome] of Object.entries(await outcomesOf(which))) {
      // gVisor of 2022 does not know the newest ones.
      assert.ok(outcome === "EPERM" || (level === "gvisor" && outcome === "ENOSYS"), `${name}: ${outcome}`);
    }
  });

  const skip = level === "gvisor" ? "gVisor's own kernel is the boundary, and answers for itself" : false;
  void test("every other call that is not allowed is away", { skip }, async () => {
    const listed = [...allowedCalls, ...refusedCalls, ...CONDITIONAL, EMPTY];
    const which = calls.filter(({ number, name }) => !listed.includes(name) && !NEVER_FILTERED.includes(number));
    const found = await outcomesOf(which);
    assert.ok(["io_uring_setup", "clone3", "io_setup", "uselib"].some((name) => name in found));
    assert.deepEqual(
      Object.entries(found).filter(([, outcome]) => outcome !== "ENOSYS"),
      [],
    );
  });
});
