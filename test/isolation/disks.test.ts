/** What jails take of the host's disks. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { hostDisks } from "../../src/sandbox/host/cgroups/disk.ts";
import { hostCgroupLayout } from "../../src/sandbox/host/cgroups/layout.ts";
import { atEachLevel } from "./levels.ts";
import { openStage } from "./support.ts";

const MIB = 1024 * 1024;
const FILE = 12 * MIB;
const BYTES_PER_SECOND = 6 * MIB;
const USER = { uid: 4321, gid: 4322 };
/** Where files are on a disk, as a rule: /tmp may be memory. */
const PARENT = "/var/tmp";

/** `MAJOR:MINOR` of the disk that a file system is on; empty where it is on none. */
function diskOf(path: string): string {
  const { dev } = statSync(path);
  // makedev(3).
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  try {
    const place = execFileSync("readlink", ["-f", `/sys/dev/block/${number}`], { encoding: "utf8" }).trim();
    const partition = execFileSync("ls", [place], { encoding: "utf8" }).split("\n").includes("partition");
    return readFileSync(join(place, partition ? "../dev" : "dev"), "utf8").trim();
  } catch {
    return "";
  }
}

const reason = (): string | false => {
  if (hostCgroupLayout().disk === undefined) return "this host has no cgroup controller for disks";
  return hostDisks().includes(diskOf(PARENT)) ? false : `${PARENT} is not on a disk of this host`;
};
const skip = reason();

atEachLevel((level) => {
  void test("a jail reads a disk no faster than it may", { skip }, async (t) => {
    const stage = await openStage(undefined, level, { bytes: BYTES_PER_SECOND, operations: 0 });
    t.after(() => stage.close());
    const directory = mkdtempSync(join(PARENT, "kiln-disks-"));
    t.after(() => rmSync(directory, { recursive: true }));
    chownSync(directory, USER.uid, USER.gid);
    const file = join(directory, "file");
    writeFileSync(file, Buffer.alloc(FILE, "x"), { mode: 0o644 });
    // On the disk, and not in the host's memory.
    execFileSync("sync", [file]);
    execFileSync("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"]);
    const files = [
      {
        name: "files",
        at: "/mnt/data",
        source: { kind: "directory" as const, path: directory, user: USER },
        root: "/",
        readOnly: true,
      },
    ];
    const script = `
      const fs = require("node:fs");
      const startedAt = process.hrtime.bigint();
      const fd = fs.openSync("/mnt/data/file");
      const piece = Buffer.alloc(65536);
      let bytes = 0;
      for (let read; (read = fs.readSync(fd, piece)) > 0; ) bytes += read;
      console.log(bytes, Number(process.hrtime.bigint() - startedAt) / 1e9);`;
    const { jail, stdout } = await startScript(stage.sandbox, stage.bench, script, { tree: { files } });
    t.after(() => jail.destroy());
    const [bytes, seconds] = (await stdout).trim().split(" ").map(Number);
    assert.equal(bytes, FILE);
    // Slower it may be for many reasons; faster for none.
    assert.ok((seconds ?? 0) > FILE / BYTES_PER_SECOND / 2, `${seconds} s`);
  });
});
