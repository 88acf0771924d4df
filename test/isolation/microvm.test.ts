/** What is a microVM's own: the kernel that is seen inside, what runs on the host for it, and what two of them share. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { release } from "node:os";
import { after, before, describe, test } from "node:test";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { microvm } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";
import { hostUid, processesOf } from "./traces.ts";

const seen = `
  const fs = require("node:fs");
  const read = (name) => { try { return fs.readFileSync(name, "utf8"); } catch (error) { return error.code; } };
  const attempt = (work) => { try { work(); return "done"; } catch (error) { return error.code; } };
  const status = read("/proc/self/status");
  console.log(JSON.stringify({
    release: require("node:os").release(),
    hostname: require("node:os").hostname(),
    version: read("/proc/version"),
    commandLine: read("/proc/cmdline"),
    bootId: read("/proc/sys/kernel/random/boot_id"),
    modules: read("/proc/modules"),
    init: read("/proc/1/status"),
    processes: fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).length,
    devices: fs.readdirSync("/dev").sort().join(" "),
    rights: /NoNewPrivs:\\t(.*)/.exec(status)[1] + " " + /CapBnd:\\t(.*)/.exec(status)[1] + " " + /CapEff:\\t(.*)/.exec(status)[1],
    namespaces: read("/proc/sys/user/max_user_namespaces").trim(),
    sysctl: attempt(() => fs.writeFileSync("/proc/sys/kernel/hostname", "x")),
    control: controlPort(),
    uuid: require("node:crypto").randomUUID(),
    bytes: require("node:crypto").randomBytes(32).toString("hex"),
    kernelUuid: read("/proc/sys/kernel/random/uuid").trim(),
  }));
  function controlPort() {
    // Where the guest's first process speaks with Kiln: nobody else finds anything there.
    const script = 'require("node:net").connect(9000, "127.0.0.1").on("connect", () => console.log("connected")).on("error", (error) => console.log(error.code))';
    return require("node:child_process").execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }).trim();
  }
  setInterval(() => {}, 1e6);`;

void describe("microvm", { skip: microvm.skip }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, "microvm");
  });
  after(() => stage?.close());

  async function look(): Promise<Record<string, string>> {
    const { jail, first } = await startScript(stage.sandbox, stage.bench, seen);
    const [line] = await first;
    // What runs on the host for it, while it runs.
    inspectHost();
    await jail.destroy();
    return JSON.parse(String(line)) as Record<string, string>;
  }

  function inspectHost(): void {
    const processes = processesOf(stage.bench.instance);
    assert.equal(processes.length, 1, "a machine is one process of the host");
    for (const pid of processes) {
      assert.ok(hostUid(pid) >= 0x4000_0000, String(pid));
      for (const name of ["user", "mnt", "pid", "net", "ipc", "uts"] as const) {
        assert.notEqual(readlinkSync(`/proc/${pid}/ns/${name}`), readlinkSync(`/proc/${process.pid}/ns/${name}`));
      }
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      assert.match(status, /^Seccomp:\s+2$/m);
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      assert.match(status, /^CapBnd:\s+0+$/m);
      assert.match(status, /^CapEff:\s+0+$/m);
      assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim(), "1000");
      const root = `/proc/${pid}/root`;
      assert.deepEqual(readdirSync(`${root}/usr/bin`), ["qemu-system-x86_64"]);
      assert.deepEqual(readdirSync(`${root}/vm`).sort(), ["initramfs", "kernel", "root", "tmp"]);
      const writable = readFileSync(`/proc/${pid}/mountinfo`, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([, , , , , options = ""]) => options.split(",").includes("rw"))
        .map(([, , , , place = ""]) => place)
        .sort((one, other) => one.localeCompare(other));
      // Of these the user may write to its socket's directory, the disk of /tmp, and devices; the rest is root's.
      const masks = writable.filter((place) => place.startsWith("/proc/") || place.startsWith("/dev/"));
      assert.deepEqual(
        writable.filter((place) => !masks.includes(place)),
        ["/dev", "/proc", "/run/vmm", "/vm", "/vm/tmp"],
      );
    }
  }

  void test("the kernel inside is the guest's, nothing of the machine is in reach, and no two have numbers in common", async () => {
    // One after the other: each looks at a host with one machine.
    const one = await look();
    const two = await look();
    assert.notEqual(one["release"], release());
    for (const file of ["version", "bootId"]) assert.notEqual(one[file], "ENOENT");
    assert.notEqual(one["version"], readFileSync("/proc/version", "utf8"));
    // Masked, as at every level.
    assert.equal(one["bootId"], "");
    assert.equal(one["commandLine"], "");
    assert.equal(one["modules"], "");
    assert.equal(one["init"], "ENOENT");
    assert.equal(Number(one["processes"]), 1);
    assert.equal(one["devices"], "fd full null random stderr stdin stdout tty urandom zero");
    assert.equal(one["rights"], "1 0000000000000000 0000000000000000");
    assert.equal(one["namespaces"], "0");
    assert.match(String(one["sysctl"]), /^(?:EROFS|EACCES|EPERM)$/);
    assert.equal(one["control"], "ECONNREFUSED");
    for (const number of ["uuid", "bytes", "kernelUuid", "hostname"]) {
      assert.notEqual(one[number], two[number], number);
    }
  });

  void test("system calls that are not for functions are refused in the guest, too", async () => {
    const answer = JSON.parse(await stage.probe("syscalls.mjs")) as Record<
      "refused" | "allowed",
      Record<string, string>
    >;
    for (const [name, outcome] of Object.entries(answer.refused)) {
      assert.ok(["EPERM", "ENOSYS", "EAFNOSUPPORT", "no such call here"].includes(outcome), `${name}: ${outcome}`);
    }
    for (const [name, outcome] of Object.entries(answer.allowed)) assert.equal(outcome, "allowed", name);
  });
});
