import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { KilnError } from "../../../base/errors.ts";
import { hostDisks, limitDisks } from "./disk.ts";
import type { CgroupLayout } from "./layout.ts";

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "kiln-disk-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function layoutOf(dir: string, version: 1 | 2): CgroupLayout {
  const tree = { memory: dir, cpu: dir, pids: dir };
  return { kind: version === 1 ? "v1" : "v2", version, tree, disk: dir, trees: [dir] };
}

test("disks are what is none of the machine's memory", (t) => {
  const root = folder(t);
  for (const [name, dev] of Object.entries({ vda: "254:0\n", nvme0n1: "259:0\n", loop0: "7:0\n", zram0: "253:0\n" })) {
    mkdirSync(join(root, name));
    appendFileSync(join(root, name, "dev"), dev);
  }
  assert.deepEqual(hostDisks(root).toSorted(), ["254:0", "259:0"]);
});

test("v1: a file for each unit and direction", (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, "jail"));
  limitDisks(layoutOf(dir, 1), "jail", { bytes: 1000, operations: 0 }, ["254:0"]);
  const read = (name: string): string => readFileSync(join(dir, "jail", `blkio.throttle.${name}_device`), "utf8");
  assert.deepEqual([read("read_bps"), read("write_bps")], ["254:0 1000", "254:0 1000"]);
  assert.throws(() => read("read_iops"), { code: "ENOENT" });
});

test("v2: one line for each disk", (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, "all"));
  limitDisks(layoutOf(dir, 2), "all", { bytes: 1000, operations: 10 }, ["254:0"]);
  assert.equal(readFileSync(join(dir, "all/io.max"), "utf8"), "254:0 rbps=1000 wbps=1000 riops=10 wiops=10");
  writeFileSync(join(dir, "all/io.max"), "");
});

test("a host without the controller says so", () => {
  const { disk: _, ...layout } = layoutOf("/nowhere", 1);
  assert.throws(
    () => limitDisks(layout, "jail", { bytes: 1, operations: 0 }, []),
    (error) => error instanceof KilnError && error.code === "NO_DISK_LIMITS",
  );
});
