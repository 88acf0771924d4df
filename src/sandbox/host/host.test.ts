import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decodeWaitStatus } from "./children.ts";
import { mountPointsBelow } from "./mounts.ts";
import { socketAddress } from "./netns.ts";
import { createUidRanges, UID_RANGE_SIZE } from "./uid-ranges.ts";

test("the status word of wait", () => {
  assert.deepEqual(decodeWaitStatus(0x0700), { status: 7, signal: null });
  assert.deepEqual(decodeWaitStatus(9), { status: null, signal: "SIGKILL" });
  assert.deepEqual(decodeWaitStatus(11 | 0x80), { status: null, signal: "SIGSEGV" });
});

test("a socket's address", () => {
  assert.deepEqual(socketAddress("127.0.0.1", 9001).subarray(2, 8), Uint8Array.of(0x23, 0x29, 127, 0, 0, 1));
});

test("mount points below a directory, the last one first, and not its neighbours'", () => {
  const mountinfo = [
    "1 0 0:1 / /run/a rw - tmpfs x rw",
    "2 1 0:2 / /run/a/b\\040c rw - tmpfs x rw",
    "3 1 0:2 / /run/ab rw - tmpfs x rw",
    "4 1 0:2 / /run/a/b\\040c rw - erofs x ro",
    "",
  ].join("\n");
  assert.deepEqual(mountPointsBelow("/run/a", mountinfo), ["/run/a/b c", "/run/a/b c", "/run/a"]);
});

test("id ranges of two owners never meet, and a restart gives back one owner's", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "kiln-ids-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const [one, two] = [createUidRanges({ dir, owner: "one" }), createUidRanges({ dir, owner: "two" })];
  const taken = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : two).take());
  assert.equal(new Set(taken.map(({ base }) => base)).size, 50);
  for (const { base } of taken) {
    assert.ok(base >= 0x4000_0000 && base + UID_RANGE_SIZE <= 0xffff_0000);
    assert.equal(base % UID_RANGE_SIZE, 0);
  }
  taken[0]?.release();
  createUidRanges({ dir, owner: "one" }).releaseAll();
  assert.equal(readdirSync(dir).length, 25);
});
