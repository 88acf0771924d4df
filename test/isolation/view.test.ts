/** What a jail can see: itself, and nothing of the host. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { after, before, test } from "node:test";
import { openStage, type Stage } from "./support.ts";

interface View {
  ids: { uid: number; gid: number; groups: number[] };
  uidMap: string;
  gidMap: string;
  status: string;
  initStatus: string;
  pids: string[];
  hostname: string;
  cgroup: string;
  mountinfo: string;
  interfaces: Record<string, { address: string }[]>;
  routes: string;
  unix: string;
  dev: string[];
  sys: string[] | string;
  shm: string[] | string;
  root: string[];
  descriptors: string[];
  initDescriptors: string[];
  initRoot: string;
  initEnvironment: string;
  masked: Record<string, string>;
  limits: string;
  shared: string;
}

let stage: Stage;
let view: View;
before(async () => {
  stage = await openStage();
  view = JSON.parse(await stage.probe("view.mjs", { id: "the-jail", env: { SECRET: "own" } })) as View;
});
after(() => stage?.close());

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "absent";
}

test("a user of its own, mapped far above the host's", () => {
  assert.deepEqual(view.ids, { uid: 993, gid: 990, groups: [990] });
  for (const map of [view.uidMap, view.gidMap]) {
    const [inside, host, size] = map.trim().split(/\s+/).map(Number);
    assert.equal(inside, 0);
    assert.ok(host !== undefined && host >= 0x4000_0000, map);
    assert.equal(size, 65_536);
  }
});

test("no capabilities, no new privileges, a system call filter, for the first process too", () => {
  for (const status of [view.status, view.initStatus]) {
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      assert.equal(field(status, set), "0000000000000000", set);
    }
    assert.equal(field(status, "NoNewPrivs"), "1");
    assert.equal(field(status, "Seccomp"), "2");
    assert.match(field(status, "Uid"), /^993\t993\t993\t993$/);
  }
});

test("only its own processes", () => {
  // The first process, the probe, and nothing else.
  assert.equal(view.pids.length, 2, view.pids.join());
  assert.ok(view.pids.includes("1"));
});

test("a hostname of its own", () => {
  assert.equal(view.hostname, "the-jail");
  assert.notEqual(view.hostname, hostname());
});

test("its own cgroup as the root of all", () => {
  for (const line of view.cgroup.trim().split("\n")) assert.match(line, /:\/$/);
});

test("no path of the host in its mounts", () => {
  const { runDir, instance, rootImage } = stage.bench;
  for (const secret of [runDir, instance, rootImage, stage.probes, process.cwd(), "/var/lib", "/var/cache"]) {
    assert.ok(!view.mountinfo.includes(secret), secret);
  }
  for (const line of view.mountinfo.trim().split("\n")) {
    const [, , , , point = "", options = ""] = line.split(" ");
    assert.match(point, /^\/($|proc|dev$|dev\/|tmp$|opt$|var\/task$|etc\/resolv\.conf$)/, line);
    // Devices and masks are single files of the host's /dev, or empty directories.
    if (/^\/(dev|proc)\//.test(point)) continue;
    assert.ok(options.includes("nosuid") && (options.includes("nodev") || point === "/dev"), line);
    assert.ok(options.startsWith("ro") || ["/tmp", "/dev", "/proc"].includes(point), line);
    assert.ok(!line.includes("shared:"), line);
  }
  assert.equal(view.initRoot === "/" || view.initRoot === "EACCES", true, view.initRoot);
});

test("loopback and nothing else", () => {
  assert.deepEqual(Object.keys(view.interfaces), ["lo"]);
  assert.equal(view.routes.trim().split("\n").length, 1);
  assert.equal(view.unix.trim().split("\n").length, 1, view.unix);
});

test("few devices, no /sys, no /dev/shm", () => {
  const known = ["fd", "full", "null", "ptmx", "random", "stderr", "stdin", "stdout", "tty", "urandom", "zero"];
  // crun links /dev/core to /proc/kcore, which is masked.
  assert.deepEqual(
    view.dev.filter((name) => name !== "core"),
    known,
  );
  assert.ok(view.sys === "ENOENT" || view.sys.length === 0);
  assert.equal(view.shm, "ENOENT");
});

test("no descriptor of the host but its output", () => {
  for (const links of [view.descriptors, view.initDescriptors]) {
    for (const link of links) {
      assert.match(
        link,
        /^(\/dev\/null|pipe:\[\d+\]|anon_inode:.*|\/proc\/\d+\/fd|\/var\/task.*|ENOENT|EACCES)$/,
        link,
      );
    }
  }
  // The first process has standard input, output and error, and a signalfd at most.
  assert.ok(view.initDescriptors.length <= 4, view.initDescriptors.join());
});

test("masked files are empty", () => {
  for (const [name, content] of Object.entries(view.masked)) assert.ok(["", "ENOENT"].includes(content), name);
});

test("its environment alone", () => {
  assert.ok(view.initEnvironment.includes("SECRET=own") || view.initEnvironment === "EACCES");
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && value.length > 8) assert.ok(!view.initEnvironment.includes(value), name);
  }
});

test("AWS's limits", () => {
  assert.match(view.limits, /^Max open files\s+1024\s+1024/m);
  assert.match(view.limits, /^Max core file size\s+0\s+0/m);
});

test("no shared memory of the host", () => {
  assert.equal(view.shared.trim().split("\n").length, 1);
  assert.ok(readFileSync("/proc/sysvipc/shm", "utf8").length > 0);
});
