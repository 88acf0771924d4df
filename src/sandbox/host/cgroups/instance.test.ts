import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openInstanceGroup, removeInstanceGroup } from "./instance.ts";
import type { CgroupLayout } from "./layout.ts";

test("the parent of all groups stays while a Kiln has one, and goes with the last, also where there was none", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "kiln-groups-"));
  t.after(() => rmSync(root, { recursive: true }));
  const [memory = "", pids = ""] = ["memory", "pids"].map((name) => join(root, name));
  for (const tree of [memory, pids]) mkdirSync(tree);
  const layout: CgroupLayout = {
    kind: "v1",
    version: 1,
    tree: { memory, cpu: memory, pids },
    trees: [memory, pids],
  };
  openInstanceGroup(layout, "/kiln/one");
  openInstanceGroup(layout, "/kiln/two");
  for (const tree of [memory, pids]) mkdirSync(join(tree, "kiln/one/jail"));
  assert.equal(await removeInstanceGroup(layout, "/kiln/one"), 1);
  assert.deepEqual(readdirSync(join(pids, "kiln")), ["two"]);
  assert.equal(await removeInstanceGroup(layout, "/kiln/two"), 0);
  assert.equal(await removeInstanceGroup(layout, "/kiln/three"), 0);
  assert.deepEqual([...readdirSync(memory), ...readdirSync(pids)], []);
});
