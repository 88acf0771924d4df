import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sealedCopy } from "./sealed-program.ts";

/** Of Linux 6.3 and later; 2: nothing runs from memory. */
const SETTING = "/proc/sys/vm/memfd_noexec";
const hasSetting = existsSync(SETTING);
const forbidden = hasSetting && readFileSync(SETTING, "utf8").trim() === "2";

const skip = forbidden && "this host runs no program from memory (vm.memfd_noexec is 2)";
test("a program runs from its copy, which nobody can change, and is found as a shell finds it", { skip }, (t) => {
  const copy = sealedCopy("cat");
  assert.ok(copy !== undefined);
  t.after(() => copy.close());
  assert.deepEqual(readFileSync(copy.path), readFileSync("/bin/cat"));
  assert.equal(execFileSync(copy.path, { input: "through it" }).toString(), "through it");
  assert.throws(() => writeFileSync(copy.path, "x"), { code: "EPERM" });
  assert.throws(() => openSync(copy.path, "w"), { code: "EPERM" });
});

test("what is not there, and what is no program of the machine's own, has no copy", () => {
  assert.equal(sealedCopy("no-such-program"), undefined);
  assert.equal(sealedCopy(import.meta.filename), undefined);
});

const noNamespace =
  process.getuid?.() !== 0
    ? "a pid namespace of one's own needs root"
    : !hasSetting && "this kernel has no vm.memfd_noexec";
test("there is no copy where the host runs no program from memory", { skip: noNamespace }, () => {
  // The setting is the pid namespace's.
  const script = `import(process.argv[1]).then(({ sealedCopy }) => console.log(sealedCopy("cat")))`;
  const file = join(import.meta.dirname, "sealed-program.ts");
  const command = `echo 2 > ${SETTING} && exec "$0" -e "$1" "$2"`;
  const inside = ["--pid", "--fork", "--mount-proc", "sh", "-c", command, process.execPath, script, file];
  assert.equal(execFileSync("unshare", inside, { encoding: "utf8" }), "undefined\n");
});
