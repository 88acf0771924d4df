/** A machine that is being emptied of its environments takes hundreds of disks away at the same time. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { unmountAside } from "../../src/sandbox/host/libc.ts";
import { mountPointsBelow, mountTmpfs, unmountIfMounted } from "../../src/sandbox/host/mounts.ts";

test("hundreds of unmounts at once, and one that fails", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "kiln-unmounts-"));
  t.after(() => {
    for (const point of mountPointsBelow(dir)) unmountIfMounted(point);
    rmSync(dir, { recursive: true });
  });
  const points = Array.from({ length: 400 }, (_, n) => join(dir, String(n)));
  for (const point of points) {
    mkdirSync(point);
    mountTmpfs(point, { bytes: 4096, inodes: 2 });
  }
  const failed = assert.rejects(unmountAside(dir), /failed/);
  await Promise.all(points.map(unmountAside));
  await failed;
  assert.deepEqual(mountPointsBelow(dir), []);
});
