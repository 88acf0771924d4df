/** The file server of a microVM's shared directories, asked for what it may not give: what a guest's kernel could ask it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { SharedFiles } from "../../src/sandbox/contract.ts";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { SERVER_THREADS } from "../../src/sandbox/microvm/sharing/server-config.ts";
import { microvm } from "./levels.ts";
import { openStage } from "./support.ts";
import { processesOf } from "./traces.ts";

const USER = { uid: 4321, gid: 4322 };
const STRANGER = 5432;

function status(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(":\t") as [string, string]));
}

test(
  "a guest that says to its file server what it likes gets what a container has",
  { skip: microvm.skip },
  async (t) => {
    const stage = await openStage(undefined, "microvm");
    t.after(() => stage.close());
    const outside = mkdtempSync(join(tmpdir(), "kiln-shared-"));
    t.after(() => rmSync(outside, { recursive: true }));
    const directory = join(outside, "shared");
    const secret = join(outside, "secret");
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, "mine"), "mine");
    for (const path of [directory, join(directory, "mine")]) chownSync(path, USER.uid, USER.gid);
    writeFileSync(secret, "the host's");
    chmodSync(secret, 0o644);
    chmodSync(outside, 0o755);
    symlinkSync("/", join(directory, "out"));
    symlinkSync(secret, join(directory, "secret"));
    writeFileSync(join(directory, "theirs"), "theirs");
    chmodSync(join(directory, "theirs"), 0o666);
    chownSync(join(directory, "theirs"), STRANGER, STRANGER);
    const files: SharedFiles[] = [
      {
        name: "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0",
        at: "/mnt/data",
        source: { kind: "directory", path: directory, user: USER, creation: undefined },
        root: "/",
        readOnly: false,
      },
    ];
    const script = `console.log("here"); setInterval(() => {}, 1e6);`;
    const { jail, first } = await startScript(stage.sandbox, stage.bench, script, { tree: { files } });
    await first;
    const pids = processesOf(stage.bench.instance);
    const server = pids.find((pid) => status(pid)["Name"] === "diod");
    const vmm = pids.find((pid) => pid !== server);
    assert.ok(server !== undefined && vmm !== undefined, pids.join());

    const [ours, theirs] = [status(server), status(vmm)];
    for (const [name, value] of Object.entries(ours)) if (name.startsWith("Cap")) assert.match(value, /^0+$/, name);
    assert.deepEqual([ours["NoNewPrivs"], ours["Seccomp"]], ["1", "2"]);
    assert.notEqual(ours["Uid"], theirs["Uid"], "it has ids of its own");
    assert.ok(Number(ours["Uid"]?.split("\t")[0]) > 100_000);

    const net = `--net=/proc/${server}/ns/net`;
    const attack = join(import.meta.dirname, "inside/ninep.mjs");
    const { stdout } = await promisify(execFile)("nsenter", [net, process.execPath, attack], { timeout: 60_000 });
    const { connections, nonsense, ...found } = JSON.parse(stdout) as Record<string, unknown>;
    // The top of the server's own jail, which is its image: no file of the host's.
    const top = ["dev", "etc", "lib", "lib64", "mnt", "proc", "usr"];
    const { "a path out of the export": attached, ...others } = found;
    assert.deepEqual(others, {
      "its own directory": "mine",
      "the root as an export": "EPERM",
      "another access point's directory": "EPERM",
      "the root above": "ENOENT",
      "the root above, in one name": [],
      "an absolute name": "ENOENT",
      "a link to the host's root": top,
      "a file behind it": "ENOENT",
      "a link to the host's secret": "ENOENT",
      "the process's memory": "ENOENT",
      "a process of the host": "ENOENT",
      "a file above": "EROFS",
      "a file at the top": "ENOENT",
      "a file in /dev": "ENOENT",
      "a kernel setting": "ENOENT",
      "a device": "EPERM",
      "a link to a file above": "ENOENT",
      "a new link out": "done",
      "through it": top,
      "another's file": "EACCES",
      "giving away": "EPERM",
      "a long name": "ENAMETOOLONG",
      "a long path": "ENAMETOOLONG",
      "a lock": "taken",
      "the same lock for another": "blocked",
      "open files": "EMFILE",
    });
    assert.notEqual(attached, "attached");
    assert.notEqual(nonsense, "done");
    assert.ok(Number(connections) > 0 && Number(connections) < SERVER_THREADS, `${String(connections)} connections`);
    assert.equal(readFileSync(join(directory, "theirs"), "utf8"), "theirs");
    assert.deepEqual(readdirSync(outside).sort(), ["secret", "shared"]);
    await jail.destroy();
  },
);
