/** A small file system of its own that gets full, and files that are not what they should be. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { KilnError } from "../../src/base/errors.ts";
import { lockStateDirectory } from "../../src/store/owner.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

async function inDirectory(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-disk-"));
  try {
    await body(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function onSmallDisk(body: (dir: string) => Promise<void>): Promise<void> {
  await inDirectory(async (dir) => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", dir]);
    try {
      await body(dir);
    } finally {
      execFileSync("umount", [dir]);
    }
  });
}

const hasCode = (code: string) => (error: unknown) => {
  assert.ok(error instanceof KilnError, String(error));
  assert.equal(error.code, code);
  assert.ok(error.hint !== undefined || code === "STORE_CLOSED");
  return true;
};

describe("the embedded store on its disk", () => {
  it("says that the disk is full, keeps what it has, and goes on when there is room", () =>
    onSmallDisk(async (dir) => {
      const store = await openSqliteStore({ dir });
      const ballast = join(dir, "ballast");
      await writeFile(ballast, Buffer.alloc(2_000_000));
      const kept: string[] = [];
      const fill = async () => {
        for (let n = 0; ; n += 1) {
          await store.documents.create("kind", `k${n}`, { filler: "x".repeat(20_000) });
          kept.push(`k${n}`);
        }
      };
      await assert.rejects(fill(), hasCode("DISK_FULL"));
      assert.ok(kept.length > 0);
      await assert.rejects(store.queue.enqueue("q", Buffer.alloc(100_000)), hasCode("DISK_FULL"));
      await assert.rejects(store.blobs.put(Buffer.alloc(3_000_000)), hasCode("DISK_FULL"));
      for (const key of kept) assert.ok((await store.documents.get("kind", key)) !== undefined);
      await rm(ballast);
      await store.documents.create("kind", "after", {});
      await store.blobs.put(Buffer.alloc(100_000));
      await store.close();
    }));

  it("says that it may not write", () =>
    onSmallDisk(async (dir) => {
      await (await openSqliteStore({ dir })).close();
      execFileSync("mount", ["-o", "remount,ro", dir]);
      await assert.rejects(openSqliteStore({ dir }), hasCode("DISK_PERMISSION_DENIED"));
      await assert.rejects(lockStateDirectory(dir), hasCode("DISK_PERMISSION_DENIED"));
      await assert.rejects(lockStateDirectory(join(dir, "state")), hasCode("STATE_UNUSABLE"));
      await assert.rejects(lockStateDirectory(join(dir, "store.db")), hasCode("STATE_UNUSABLE"));
    }));

  it("refuses a database of a newer Kiln, and one that is none", () =>
    inDirectory(async (dir) => {
      await (await openSqliteStore({ dir })).close();
      const database = new DatabaseSync(join(dir, "store.db"));
      const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
      database.exec(`PRAGMA user_version = ${version + 1}`);
      database.close();
      await assert.rejects(openSqliteStore({ dir }), hasCode("STORE_TOO_NEW"));
      await writeFile(join(dir, "store.db"), "not a database".repeat(1000));
      await assert.rejects(openSqliteStore({ dir }), hasCode("STORE_CORRUPT"));
    }));

  it("does not keep a process alive that is done without closing it", () =>
    inDirectory(async (dir) => {
      const module = join(import.meta.dirname, "../../src/store/sqlite/open.ts");
      const script = `const { openSqliteStore } = await import(process.argv[1]);
        const { documents } = await openSqliteStore({ dir: process.argv[2] });
        if (process.argv[3] === "write") await documents.create("kind", "key", {});`;
      for (const what of ["write", "read"]) {
        execFileSync(process.execPath, ["--input-type=module", "-e", script, module, dir, what], { timeout: 30_000 });
      }
    }));

  it("answers what was written before it was closed, and refuses what comes after", () =>
    inDirectory(async (dir) => {
      const store = await openSqliteStore({ dir });
      const writes = Promise.all(Array.from({ length: 2000 }, (_, n) => store.documents.create("kind", `k${n}`, n)));
      await store.close();
      assert.equal((await writes).length, 2000);
      await assert.rejects(store.documents.create("kind", "late", {}), hasCode("STORE_CLOSED"));
      const again = await openSqliteStore({ dir });
      assert.equal((await again.documents.get("kind", "k1999"))?.value, 1999);
      await again.close();
    }));
});
