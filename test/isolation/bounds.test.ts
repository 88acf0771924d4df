/** A jail that takes what it can get hurts itself only. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startScript, testLimits } from "../../src/sandbox/conformance/subject.ts";
import { atEachLevel } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";

/** The kernel keeps the floor only for who may set it. */
function mayKeepOomScore(): boolean {
  const CAP_SYS_RESOURCE = 24n;
  const effective = /^CapEff:\s+(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${effective}`) & (1n << CAP_SYS_RESOURCE)) !== 0n;
}

/** gVisor's kernel counts its own, in the jail's memory. */
const inotify = { container: "16 EMFILE", gvisor: "20 got" } as const;

atEachLevel((level) => {
  /** The real one is looked at from outside, in `gvisor.test.ts`. */
  const ownScore = level === "gvisor" ? "gVisor's kernel has a score of its own inside, which decides nothing" : false;
  let stage: Stage;
  before(async () => {
    stage = await openStage(undefined, level);
  });
  after(() => stage?.close());

  async function run(script: string, limits = testLimits): Promise<{ stdout: string; oomKilled: boolean }> {
    const { jail, stdout } = await startScript(stage.sandbox, stage.bench, script, { limits });
    const { oomKilled } = await jail.exited;
    await jail.destroy();
    return { stdout: await stdout, oomKilled };
  }

  void test("a fork bomb", async () => {
    const script = `
    const { spawn } = require("node:child_process");
    let living = 0;
    const more = () => spawn("/bin/sleep", ["1000"]).on("error", (error) => { console.log(error.code, living); process.exit(0); }).on("spawn", () => { living++; more(); });
    more();`;
    const { stdout } = await run(script, { ...testLimits, pids: 40 });
    const [code, living] = stdout.trim().split(" ");
    assert.equal(code, "EAGAIN");
    assert.ok(Number(living) > 10 && Number(living) < 40, stdout);
  });

  void test("a fork bomb of a shell, which is then destroyed", async () => {
    const { jail } = await startScript(stage.sandbox, stage.bench, "", {
      argv: ["/bin/sh", "-c", "bomb() { bomb | bomb & }; bomb; while :; do :; done"],
      limits: { ...testLimits, pids: 50 },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const exit = await jail.destroy();
    assert.ok(exit.signal !== null || exit.status !== null);
  });

  void test("empty files without end", async () => {
    const script = `
    const fs = require("node:fs");
    let count = 0;
    try { for (;;) fs.closeSync(fs.openSync("/tmp/" + count++, "w")); } catch (error) { console.log(error.code, count); }`;
    const { stdout } = await run(script);
    const [code, count] = stdout.trim().split(" ");
    assert.equal(code, "ENOSPC");
    assert.ok(Number(count) <= 2048, stdout);
  });

  void test("memory in a descendant", async () => {
    const eat = "const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))";
    const script = `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(eat)}])`;
    assert.equal((await run(script, { ...testLimits, memoryMB: 128 })).oomKilled, true);
  });

  void test("descriptors", async () => {
    const script = `
    const fs = require("node:fs");
    let count = 0;
    try { for (;;) { fs.openSync("/dev/null"); count++; } } catch (error) { fs.writeSync(1, error.code + " " + count); }`;
    const { stdout } = await run(script);
    const [code, count] = stdout.split(" ");
    assert.equal(code, "EMFILE");
    assert.ok(Number(count) < 1024);
  });

  void test("inotify instances, which the kernel counts for all jails and the host together", async () => {
    const watch = `
    const { parentPort } = require("node:worker_threads");
    try { require("node:fs").watch("/tmp"); parentPort.postMessage("got"); } catch (error) { parentPort.postMessage(error.code); }`;
    const script = `
    const { Worker } = require("node:worker_threads");
    (async () => {
      const answers = [];
      for (let i = 0; i < 20; i++) {
        const worker = new Worker(${JSON.stringify(watch)}, { eval: true });
        answers.push(await new Promise((resolve) => worker.once("message", resolve)));
      }
      require("node:fs").writeSync(1, answers.filter((answer) => answer === "got").length + " " + answers.at(-1));
      process.exit(0);
    })()`;
    assert.equal((await run(script, { ...testLimits, memoryMB: 512 })).stdout, inotify[level]);
  });

  const oomScore = `
  const fs = require("node:fs");
  const file = "/proc/self/oom_score_adj";
  const before = fs.readFileSync(file, "utf8").trim();
  let code = "lowered";
  try { fs.writeFileSync(file, "0"); } catch (error) { code = error.code; }
  console.log(before, code);`;

  void test("should the machine run out of memory, a jail ends before anything else", { skip: ownScore }, async () => {
    assert.match((await run(oomScore)).stdout, /^1000 /);
  });

  const skip =
    ownScore || mayKeepOomScore()
      ? ownScore
      : "this root has no CAP_SYS_RESOURCE, without which the kernel keeps no floor";
  void test("a jail cannot put itself behind others there", { skip }, async () => {
    assert.equal((await run(oomScore)).stdout, "1000 EACCES\n");
  });
});
