/** What a jail can see: itself, and nothing of the host. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { atEachLevel } from "./levels.ts";
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

function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "absent";
}

/** What a file of the host says; empty where there is none. */
function host(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
}

/** In the /dev of gVisor's kernel, and inert. */
const gvisorsDevices = ["fuse", "pts", "shm"];

atEachLevel((level) => {
  const inGvisor = level === "gvisor";
  let stage: Stage;
  let view: View;
  before(async () => {
    stage = await openStage(undefined, level);
    view = JSON.parse(await stage.probe("view.mjs", { id: "the-jail", env: { SECRET: "own" } })) as View;
  });
  after(() => stage?.close());

  void test("a user of its own, mapped far above the host's", () => {
    assert.deepEqual(view.ids, { uid: 993, gid: 990, groups: [990] });
    // The namespaces that are seen inside are gVisor's; those on the host are looked at in `gvisor.test.ts`.
    if (inGvisor) return;
    for (const map of [view.uidMap, view.gidMap]) {
      const [inside, host, size] = map.trim().split(/\s+/).map(Number);
      assert.equal(inside, 0);
      assert.ok(host !== undefined && host >= 0x4000_0000, map);
      assert.equal(size, 65_536);
    }
  });

  void test("no capabilities, no new privileges, a system call filter, for the first process too", () => {
    for (const status of [view.status, view.initStatus]) {
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
        if (inGvisor && set === "CapAmb" && field(status, set) === "absent") continue;
        assert.equal(field(status, set), "0000000000000000", set);
      }
      const newPrivileges = field(status, "NoNewPrivs");
      // gVisor tells by its version.
      assert.ok(newPrivileges === "1" || (inGvisor && newPrivileges === "absent"), newPrivileges);
      assert.equal(field(status, "Seccomp"), "2");
      assert.match(field(status, "Uid"), /^993\t993\t993\t993$/);
    }
  });

  void test("only its own processes", () => {
    // The first process, the probe, and nothing else.
    assert.equal(view.pids.length, 2, view.pids.join());
    assert.ok(view.pids.includes("1"));
  });

  void test("a hostname of its own", () => {
    assert.equal(view.hostname, "the-jail");
    assert.notEqual(view.hostname, hostname());
  });

  void test("its own cgroup as the root of all", () => {
    const groups = view.cgroup.trim();
    // gVisor of 2022 has none.
    if (inGvisor && groups === "") return;
    for (const line of groups.split("\n")) assert.match(line, /:\/$/);
  });

  void test("no path of the host in its mounts", () => {
    const { runDir, instance, rootImage } = stage.bench;
    for (const secret of [runDir, instance, rootImage, stage.probes, process.cwd(), "/var/lib", "/var/cache"]) {
      assert.ok(!view.mountinfo.includes(secret), secret);
    }
    for (const line of view.mountinfo.trim().split("\n")) {
      const [, , , , point = "", options = ""] = line.split(" ");
      // gVisor's own tree of its own devices.
      if (inGvisor && point === "/sys") continue;
      assert.match(point, /^\/($|proc|dev$|dev\/|tmp$|opt$|var\/task$|etc\/resolv\.conf$)/, line);
      // Devices and masks are single files of the host's /dev, or empty directories.
      if (/^\/(dev|proc)\//.test(point)) continue;
      // gVisor does not show these flags. On the host the mounts have them, and the root is read-only: see `refusals`.
      if (inGvisor) continue;
      assert.ok(options.includes("nosuid") && (options.includes("nodev") || point === "/dev"), line);
      assert.ok(options.startsWith("ro") || ["/tmp", "/dev", "/proc"].includes(point), line);
      assert.ok(!line.includes("shared:"), line);
    }
    assert.equal(view.initRoot === "/" || view.initRoot === "EACCES", true, view.initRoot);
  });

  void test("loopback and nothing else", () => {
    assert.deepEqual(Object.keys(view.interfaces), ["lo"]);
    assert.equal(view.routes.trim().split("\n").length, 1);
    // Below its headline, the Runtime API's own at most, with what is connected to it.
    for (const line of view.unix.trim().split("\n").slice(1)) assert.ok(line.endsWith(" @kiln-runtime-api"), view.unix);
  });

  void test("few devices, no /sys, no /dev/shm", () => {
    const known = ["fd", "full", "null", "ptmx", "random", "stderr", "stdin", "stdout", "tty", "urandom", "zero"];
    // crun links /dev/core to /proc/kcore, which is masked.
    assert.deepEqual(
      // Newer versions of gVisor have "char", which is empty.
      view.dev.filter((name) => name !== "core" && !(inGvisor && name === "char")),
      inGvisor ? [...known, ...gvisorsDevices].sort() : known,
    );
    assert.ok(inGvisor || view.sys === "ENOENT" || view.sys.length === 0);
    assert.deepEqual(view.shm, inGvisor ? [] : "ENOENT");
  });

  void test("no descriptor of the host but its output", () => {
    for (const links of [view.descriptors, view.initDescriptors]) {
      for (const link of links) {
        assert.match(
          link,
          // `host` is what gVisor calls the streams that it was given.
          /^(\/dev\/null|host:\[[123]\]|pipe:\[\d+\]|anon_inode:.*|\/proc\/\d+\/fd|\/var\/task.*|ENOENT|EACCES)$/,
          link,
        );
      }
    }
    // The first process has standard input, output and error, and a signalfd at most.
    assert.ok(view.initDescriptors.length <= 4, view.initDescriptors.join());
  });

  void test("masked files are empty", () => {
    for (const [name, content] of Object.entries(view.masked)) {
      if (inGvisor && name === "cmdline") assert.match(content, /gvisor/);
      else assert.ok(["", "ENOENT"].includes(content), name);
    }
  });

  void test("nothing below /proc tells which machine it is", async () => {
    const texts = JSON.parse(await stage.probe("proc.mjs")) as Record<string, string>;
    assert.ok(Object.keys(texts).length > (inGvisor ? 30 : 300), "there is much to read");
    const addresses = Object.values(networkInterfaces())
      .flatMap((all = []) => all)
      .filter(({ internal }) => !internal)
      .flatMap(({ address, mac }) => [address, mac]);
    const { runDir, instance, rootImage } = stage.bench;
    const secrets = [
      host("/proc/sys/kernel/random/boot_id"),
      host("/etc/machine-id"),
      host("/proc/cmdline"),
      ...addresses,
      runDir,
      instance,
      rootImage,
      stage.probes,
      process.cwd(),
    ].filter((secret) => secret.length > 6 && !/^[0:]+$/.test(secret));
    assert.ok(secrets.length >= 6);
    for (const [path, text] of Object.entries(texts)) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `${path} tells ${secret}`);
    }
    assert.ok(["", undefined].includes(texts["/proc/swaps"]) || inGvisor);
  });

  void test("its environment alone", () => {
    assert.ok(view.initEnvironment.includes("SECRET=own") || view.initEnvironment === "EACCES");
    for (const [name, value] of Object.entries(process.env)) {
      if (value !== undefined && value.length > 8) assert.ok(!view.initEnvironment.includes(value), name);
    }
  });

  const noLimits = inGvisor ? "gVisor has no /proc/PID/limits; that they hold is in `bounds`" : false;
  void test("AWS's limits", { skip: noLimits }, () => {
    assert.match(view.limits, /^Max open files\s+1024\s+1024/m);
    assert.match(view.limits, /^Max core file size\s+0\s+0/m);
  });

  void test("no shared memory of the host", () => {
    assert.equal(view.shared.trim().split("\n").length, 1);
    assert.ok(readFileSync("/proc/sysvipc/shm", "utf8").length > 0);
  });
});
