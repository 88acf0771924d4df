/** Directories of the host that functions share: who may do what in them, and that nothing leads out of them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FileSystemError, type HostDirectory, type SharedFiles } from "../../src/sandbox/contract.ts";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { atEveryLevel } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";

const USER = { uid: 4321, gid: 4322 };
const STRANGER = 5432;

atEveryLevel((level) => {
  let stage: Stage;
  let directory: string;
  before(async () => {
    stage = await openStage(undefined, level);
    directory = mkdtempSync(join(tmpdir(), "kiln-shared-"));
    // Nobody but its own user may pass through: a jail's file server has no more rights than that user.
    chmodSync(directory, 0o700);
    chownSync(directory, USER.uid, USER.gid);
  });
  after(async () => {
    await stage?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  type Some = Partial<Pick<SharedFiles, "root" | "readOnly"> & Pick<HostDirectory, "path" | "creation">>;
  const point = ({ path = directory, creation, ...more }: Some = {}): SharedFiles => ({
    name: "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0",
    at: "/mnt/data",
    source: { kind: "directory", path, user: USER, creation },
    root: "/",
    readOnly: false,
    ...more,
  });
  async function look(files: SharedFiles, NAME = "one"): Promise<Record<string, unknown>> {
    const tree = { code: stage.probes, files: [files] };
    return JSON.parse(await stage.probe("shared.mjs", { tree, env: { AT: files.at, NAME } })) as Record<
      string,
      unknown
    >;
  }
  /** That nothing of an attempt is left is what the end of the stage shows. */
  const refused = (files: SharedFiles, why: RegExp) =>
    assert.rejects(look(files), (error: unknown) => {
      assert.ok(error instanceof FileSystemError, String(error));
      assert.equal(error.fault, "failure");
      assert.match(error.message, why);
      return true;
    });

  void test("files of two functions and the host, each by the rights of its ids", async (t) => {
    const host = (name: string, mode: number): void => {
      writeFileSync(join(directory, name), `the host's ${name}`);
      chmodSync(join(directory, name), mode);
      chownSync(join(directory, name), STRANGER, STRANGER);
    };
    host("secret", 0o600);
    host("open", 0o644);
    host("writable", 0o666);
    mkdirSync(join(directory, "theirs"), { mode: 0o755 });
    mkdirSync(join(directory, "mounted"));
    symlinkSync("/etc/shadow", join(directory, "link"));
    execFileSync("mknod", [join(directory, "device"), "c", "1", "5"]);
    chmodSync(join(directory, "device"), 0o666);
    execFileSync("mount", ["-t", "tmpfs", "none", join(directory, "mounted")]);
    t.after(() => execFileSync("umount", [join(directory, "mounted")]));
    writeFileSync(join(directory, "mounted/x"), "");

    const { mount, ...found } = await look(point());
    assert.deepEqual(found, {
      names: ["data"],
      "a file beside it": level === "gvisor" ? "EACCES" : "EROFS",
      "a directory beside it": level === "gvisor" ? "EACCES" : "EROFS",
      owner: [993, 990],
      write: "done",
      read: "one\n",
      "a new file's owner": [993, 990],
      "another's secret": "EACCES",
      "another's open file": "the host's open",
      "writing another's writable file": "EACCES",
      "another's directory": "EACCES",
      "giving away": "EPERM",
      // Newer versions of gVisor show a device of their own kernel's.
      "a device": level === "gvisor" ? found["a device"] : "EACCES",
      "what is mounted below": [],
      // It leads into the jail's own root, which has no such file, or one that is not the function's to read.
      "a link to the host": found["a link to the host"] === "EACCES" ? "EACCES" : "ENOENT",
      "a way up": true,
      program: "done",
    });
    if (level !== "gvisor") assert.match(String(mount), /^rw,nosuid,nodev/);
    assert.equal((await look(point(), "two"))["read"], "one\ntwo\n");
    const { uid, gid } = statSync(join(directory, "log"));
    assert.deepEqual({ uid, gid }, USER);
    assert.equal(readFileSync(join(directory, "log"), "utf8"), "one\ntwo\n", "what was written outlives the jails");
  });

  void test("functions that run at the same time see one another's files", async (t) => {
    const tree = { files: [point()] };
    const script = `
      const fs = require("node:fs");
      const seen = () => fs.existsSync("/mnt/data/hello-" + (process.env.NAME === "a" ? "b" : "a"));
      fs.writeFileSync("/mnt/data/hello-" + process.env.NAME, "");
      (function look() { seen() ? (console.log("seen"), process.exit(0)) : setTimeout(look, 5) })();`;
    const jails = await Promise.all(
      ["a", "b"].map((NAME) => startScript(stage.sandbox, stage.bench, script, { tree, env: { NAME } })),
    );
    t.after(() => Promise.all(jails.map(({ jail }) => jail.destroy())));
    for (const { stdout } of jails) assert.equal(await stdout, "seen\n");
  });

  void test("a function without one sees none", async () => {
    const found = JSON.parse(await stage.probe("shared.mjs", { env: { AT: "/mnt/data" } })) as Record<string, unknown>;
    assert.equal(found["names"], "ENOENT");
    assert.equal(found["read"], "ENOENT");
  });

  void test("a directory below is all that is seen, and is made where that is said", async () => {
    await refused(point({ root: "/team/a" }), /ENOENT/);
    const creation = { ...USER, mode: 0o750 };
    const found = await look(point({ root: "/team/a", creation }));
    assert.equal(found["another's open file"], "ENOENT");
    assert.equal(found["write"], "done");
    const made = statSync(join(directory, "team/a"));
    assert.deepEqual([made.uid, made.gid, made.mode & 0o7777], [USER.uid, USER.gid, 0o750]);
    assert.equal(readFileSync(join(directory, "team/a/log"), "utf8"), "one\n");
  });

  void test("read-only", async () => {
    const found = await look(point({ readOnly: true }));
    assert.deepEqual([found["write"], found["read"] === "ENOENT"], ["EROFS", false]);
  });

  void test("links that functions have put in the way lead nowhere", async () => {
    symlinkSync("/etc", join(directory, "trap"));
    symlinkSync("..", join(directory, "up"));
    for (const root of ["/trap", "/trap/ssl", "/up", "/up/team"])
      await refused(point({ root }), /a link is on the way/);
    await refused(point({ root: "/log" }), /ENOTDIR/);
    symlinkSync(directory, `${directory}-link`);
    try {
      await refused(point({ path: `${directory}-link` }), /a link is on the way/);
    } finally {
      rmSync(`${directory}-link`);
    }
  });

  const anExport = /^([^:]+):(\/.*)$/.exec(process.env["KILN_TEST_NFS"] ?? "");
  const noServer = anExport === null ? "KILN_TEST_NFS names no NFS export (SERVER:PATH, writable, all_squash)" : false;
  void test("an NFS export", { skip: noServer }, async () => {
    const [, server = "", path = ""] = anExport ?? [];
    const files = { ...point(), source: { kind: "nfs" as const, server, path } };
    const found = await look(files);
    assert.equal(found["write"], "done");
    assert.match(String(found["read"]), /one\n$/);
    assert.equal((await look({ ...files, readOnly: true }))["write"], "EROFS");
  });

  void test("file systems that cannot map ids are refused", () => refused(point({ path: "/proc/self/task" }), /./));
});
