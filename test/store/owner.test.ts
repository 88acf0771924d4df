import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { KilnError } from "../../src/base/errors.ts";
import { lockStateDirectory } from "../../src/store/owner.ts";

async function inDirectory(body: (dir: string) => Promise<void>): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "kiln-owner-"));
  try {
    await body(join(work, "state"));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** A process that has the lock and waits. */
async function owner(dir: string): Promise<ChildProcess> {
  const module = join(import.meta.dirname, "../../src/store/owner.ts");
  const script = `const { lockStateDirectory } = await import(process.argv[1]);
    await lockStateDirectory(process.argv[2]); process.stdout.write("locked"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, module, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

const hasCode = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof KilnError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, text);
  assert.ok(error.hint !== undefined);
  return true;
};

describe("the state directory", () => {
  it("is made, private, with a version", () =>
    inDirectory(async (dir) => {
      const state = await lockStateDirectory(dir);
      assert.equal((await stat(dir)).mode & 0o777, 0o700);
      assert.equal(await readFile(join(dir, "version"), "utf8"), "1\n");
      state.release();
      await chmod(dir, 0o755);
      (await lockStateDirectory(dir)).release();
      assert.equal((await stat(dir)).mode & 0o777, 0o700);
    }));

  it("has one owner, who is named, until it is released", () =>
    inDirectory(async (dir) => {
      const state = await lockStateDirectory(dir);
      await assert.rejects(lockStateDirectory(dir), hasCode("STATE_LOCKED", new RegExp(`process ${process.pid}\\.`)));
      state.release();
      (await lockStateDirectory(dir)).release();
    }));

  it("is free as soon as its owner was killed", () =>
    inDirectory(async (dir) => {
      const child = await owner(dir);
      try {
        await assert.rejects(lockStateDirectory(dir), hasCode("STATE_LOCKED", new RegExp(`process ${child.pid}\\.`)));
      } finally {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      (await lockStateDirectory(dir)).release();
    }));

  it("is not held on by a child of its owner", () =>
    inDirectory(async (dir) => {
      const state = await lockStateDirectory(dir);
      const child = spawn("sleep", ["60"]);
      try {
        await once(child, "spawn");
        state.release();
        (await lockStateDirectory(dir)).release();
      } finally {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    }));

  it("of a newer Kiln, or of something else, is refused and left alone", () =>
    inDirectory(async (dir) => {
      (await lockStateDirectory(dir)).release();
      await writeFile(join(dir, "version"), "2\n");
      await assert.rejects(lockStateDirectory(dir), hasCode("STATE_TOO_NEW", /layout 2/));
      await writeFile(join(dir, "version"), "hello");
      await assert.rejects(lockStateDirectory(dir), hasCode("STATE_UNKNOWN", /version/));
      await writeFile(join(dir, "version"), "1\n");
      (await lockStateDirectory(dir)).release();
    }));
});
