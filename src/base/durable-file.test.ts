import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readIfThere, replaceDurably } from "./durable-file.ts";

test(
  "a file on a disk with room for a part of its new content keeps the old one",
  { skip: process.getuid?.() === 0 ? false : "mounting a small file system needs root" },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "kiln-durable-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "kiln-durable-test", dir]);
    t.after(() => {
      execFileSync("umount", [dir]);
      rmSync(dir, { recursive: true });
    });
    const [file, aside] = [join(dir, "file"), join(dir, "aside")];
    assert.equal(await readIfThere(file), undefined);
    const old = "x".repeat(40_000);
    await replaceDurably(aside, file, old);
    await assert.rejects(replaceDurably(aside, file, "y".repeat(40_000)), { code: "ENOSPC" });
    assert.equal(await readIfThere(file), old);
    assert.deepEqual(readdirSync(dir), ["file"]);
  },
);
