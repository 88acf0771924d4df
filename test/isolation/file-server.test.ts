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
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Jail, SharedFiles } from "../../src/sandbox/contract.ts";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { SERVER_THREADS } from "../../src/sandbox/microvm/sharing/server-config.ts";
import { microvm } from "./levels.ts";
import { findProgram } from "../../src/sandbox/host/sealed-program.ts";
import { openBench, openMicrovm, openStage } from "./support.ts";
import { processesOf } from "./traces.ts";

const USER = { uid: 4321, gid: 4322 };
const STRANGER = 5432;

function status(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(":\t") as [string, string]));
}

/** A directory of the access point's user, with a file; and what it is to a jail. */
function shareOf(t: TestContext): { outside: string; directory: string; files: SharedFiles[] } {
  const outside = mkdtempSync(join(tmpdir(), "kiln-shared-"));
  t.after(() => rmSync(outside, { recursive: true }));
  chmodSync(outside, 0o755);
  const directory = join(outside, "shared");
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, "mine"), "mine");
  for (const path of [directory, join(directory, "mine")]) chownSync(path, USER.uid, USER.gid);
  const name = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0";
  const source = { kind: "directory", path: directory, user: USER, creation: undefined } as const;
  return { outside, directory, files: [{ name, at: "/mnt/data", source, root: "/", readOnly: false }] };
}

test(
  "a guest that says to its file server what it likes gets what a container has",
  { skip: microvm.skip },
  async (t) => {
    const stage = await openStage(undefined, "microvm");
    t.after(() => stage.close());
    const { outside, directory, files } = shareOf(t);
    const secret = join(outside, "secret");
    writeFileSync(secret, "the host's");
    chmodSync(secret, 0o644);
    symlinkSync("/", join(directory, "out"));
    symlinkSync(secret, join(directory, "secret"));
    writeFileSync(join(directory, "theirs"), "theirs");
    chmodSync(join(directory, "theirs"), 0o666);
    chownSync(join(directory, "theirs"), STRANGER, STRANGER);
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

async function more(of: { reads: () => number }): Promise<void> {
  for (const until = of.reads() + 3; of.reads() < until;) await sleep(20);
}

test(
  "a file server that answers no more holds up its own guest alone, and ends with it",
  { skip: microvm.skip },
  async (t) => {
    const stage = await openStage(undefined, "microvm");
    t.after(() => stage.close());
    const { files } = shareOf(t);
    const script = `
      const { open } = require("node:fs/promises");
      (async () => {
        for (;;) {
          const file = await open("/mnt/data/mine");
          console.log(String(await file.readFile()));
          await file.close();
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();`;
    const start = async (): Promise<{ jail: Jail; server: number; reads: () => number }> => {
      const before = new Set(processesOf(stage.bench.instance));
      const { jail, first } = await startScript(stage.sandbox, stage.bench, script, { tree: { files } });
      let count = 0;
      jail.stdout.on("data", (text: Buffer) => (count += text.toString().split("\n").length - 1));
      await first;
      const own = processesOf(stage.bench.instance).filter((pid) => !before.has(pid));
      const server = own.find((pid) => status(pid)["Name"] === "diod");
      assert.ok(server !== undefined, own.join());
      return { jail, server, reads: () => count };
    };
    const [hung, other] = [await start(), await start()];
    await Promise.all([more(hung), more(other)]);

    process.kill(hung.server, "SIGSTOP");
    await more(other);
    const before = hung.reads();
    await more(other);
    assert.equal(hung.reads(), before, "nobody answers it");
    assert.ok(hung.jail.memory().currentBytes > 0);
    hung.jail.freeze?.();
    hung.jail.thaw?.();
    await hung.jail.destroy();
    assert.ok(!processesOf(stage.bench.instance).includes(hung.server));
    await more(other);
    await other.jail.destroy();
    assert.deepEqual(processesOf(stage.bench.instance), []);
  },
);

for (const program of ["crun", "runc"]) {
  const skip = microvm.skip || (findProgram(program) === undefined ? `${program} is not installed` : false);
  test(`a file server that ${program} starts has its machine's directories`, { skip }, async (t) => {
    const bench = openBench("microvm");
    t.after(() => bench.close());
    const { runDir, instance } = bench;
    const sandbox = await openMicrovm({ runDir, instance }, [program]);
    t.after(() => sandbox.close());
    const { files } = shareOf(t);
    const script = `console.log(require("node:fs").readFileSync("/mnt/data/mine", "utf8"));`;
    const { jail, stdout } = await startScript(sandbox, bench, script, { tree: { files } });
    await jail.exited;
    assert.equal(await stdout, "mine\n");
    await jail.destroy();
  });
}
