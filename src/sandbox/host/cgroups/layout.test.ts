import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { KilnError } from "../../../base/errors.ts";
import { readCgroupLayout } from "./layout.ts";

/** A folder that stands for a host's root directory. */
function hostWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "kiln-layout-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function missing(what: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof KilnError && what.test(error.message);
}

const other = "22 27 0:21 / /proc rw,relatime - proc proc rw\n23 27 0:22 / /sys rw - sysfs sysfs rw\n";
const unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const v1 = `${other}31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
34 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory
35 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
36 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
`;
const unifiedOfHybrid = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

test("one tree", (t) => {
  const root = hostWith(t, { "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma\n" });
  const dir = join(root, "sys/fs/cgroup");
  assert.deepEqual(readCgroupLayout(other + unified, root), {
    kind: "v2",
    version: 2,
    tree: { memory: dir, cpu: dir, pids: dir },
    freezer: { dir, version: 2 },
    disk: dir,
    trees: [dir],
  });
});

test("a tree per controller", (t) => {
  const root = hostWith(t, {});
  const at = (name: string): string => join(root, "sys/fs/cgroup", name);
  assert.deepEqual(readCgroupLayout(v1, root), {
    kind: "v1",
    version: 1,
    tree: { memory: at("memory"), cpu: at("cpu,cpuacct"), pids: at("pids") },
    trees: [at("cpu,cpuacct"), at("memory"), at("pids"), at("systemd")],
  });
});

test("a tree per controller, and one without", (t) => {
  const root = hostWith(t, { "sys/fs/cgroup/unified/cgroup.controllers": "\n" });
  const freezer = "37 31 0:39 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n";
  assert.equal(readCgroupLayout(v1 + unifiedOfHybrid, root).freezer, undefined);
  const layout = readCgroupLayout(v1 + freezer + unifiedOfHybrid, root);
  assert.deepEqual(layout.freezer, { dir: join(root, "sys/fs/cgroup/freezer"), version: 1 });
  assert.equal(layout.kind, "hybrid");
  assert.equal(layout.treeBeside, join(root, "sys/fs/cgroup/unified"));
  assert.equal(layout.version, 1);
  assert.equal(layout.tree.memory, join(root, "sys/fs/cgroup/memory"));
  assert.ok(layout.trees.includes(join(root, "sys/fs/cgroup/unified")));
});

test("hosts without cgroups, or without a controller, are told apart from ours", (t) => {
  const root = hostWith(t, { "sys/fs/cgroup/cgroup.controllers": "cpu io\n" });
  assert.throws(() => readCgroupLayout(other, root), missing(/no cgroups/));
  assert.throws(() => readCgroupLayout(other + unified, root), missing(/memory, pids/));
  assert.throws(() => readCgroupLayout(v1.replace("rw,pids", "rw,freezer"), root), missing(/pids/));
});
