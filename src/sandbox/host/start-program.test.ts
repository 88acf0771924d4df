import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { childExit } from "./children.ts";
import { startProgram } from "./start-program.ts";

test("a program gets its arguments, its variables and three descriptors, and no blocked or ignored signal", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "kiln-start-"));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, "in"), "from its input\n");
  const ends = [
    openSync(join(dir, "in"), "r"),
    openSync(join(dir, "out"), "w"),
    openSync(join(dir, "err"), "w"),
  ] as const;
  const script = `cat; echo "$0 $* $MINE"; ls /proc/self/fd | wc -l; grep -E "Sig(Blk|Ign)" /proc/self/status >&2; exit 7`;
  const argv = ["sh", "-c", script, "named", "ä b", ""];
  const pid = startProgram({ file: "/bin/sh", argv, env: { MINE: "ü", PATH: "/usr/bin:/bin" }, stdio: ends });
  for (const fd of ends) closeSync(fd);
  assert.deepEqual(await childExit(pid), { status: 7, signal: null });
  // ls has the directory open as well.
  assert.equal(readFileSync(join(dir, "out"), "utf8"), "from its input\nnamed ä b  ü\n4\n");
  const [blocked, ignored] = readFileSync(join(dir, "err"), "utf8").match(/[0-9a-f]{16}/g) ?? [];
  assert.equal(BigInt(`0x${blocked}`), 0n);
  // The C library's own two, 32 and 33, are ignored until a program has threads.
  assert.equal(BigInt(`0x${ignored}`) & ~(3n << 31n), 0n);
});

const start = (file: string): number => startProgram({ file, argv: ["x"], env: {}, stdio: [0, 1, 2] });

test("a program that is not there, or is none, is an error at once", () => {
  assert.throws(() => start("/nowhere"), { code: "ENOENT" });
  assert.throws(() => start("/etc/passwd"), { code: "EACCES" });
});
