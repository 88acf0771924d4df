/** The snapshot of a function's jail: taken, written down, loaded, and what cannot start from it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { testLimits, textOf } from "../../src/sandbox/conformance/subject.ts";
import type { JailSnapshot, JailSpec } from "../../src/sandbox/contract.ts";
import { microvm } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";

/** Asks over and over whether it may go on, and then tells what it has kept in memory and in /tmp. */
const script = `
  const fs = require("node:fs");
  const kept = fs.readFileSync("/var/task/name", "utf8") + " " + process.pid;
  fs.writeFileSync("/tmp/kept", "in /tmp");
  console.log("initialised");
  let asked = 0;
  (function ask() {
    asked += 1;
    let told = "";
    require("node:net").connect(9001, "127.0.0.1", function () { this.write("?"); })
      .on("data", (data) => { told += data; })
      .on("error", () => undefined)
      .on("close", () => {
        if (told === "") return ask();
        console.log(JSON.stringify([told, kept, asked, fs.readFileSync("/tmp/kept", "utf8"), fs.readFileSync("/var/task/name", "utf8")]));
        console.error(require("node:os").hostname());
        fs.appendFileSync("/tmp/kept", told);
        process.exit(fs.readFileSync("/tmp/kept").length - 7);
      });
  })();`;

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

void describe("the snapshot of a function's jail", { skip: microvm.skip }, () => {
  let stage: Stage;
  let program: Omit<JailSpec, "id" | "onConnection">;
  let snapshot: JailSnapshot;
  const said: string[] = [];
  let count = 0;

  before(async () => {
    stage = await openStage(undefined, "microvm");
    const code = await stage.bench.image({ name: "code" });
    const argv = [stage.bench.node, "-e", script];
    program = { rootImage: stage.bench.rootImage, argv, env: { A: "b" }, limits: testLimits, tree: { code } };
    const asks = Promise.withResolvers<void>();
    const onConnection = (socket: Socket): void => {
      socket.on("error", () => undefined);
      socket.once("data", () => asks.resolve());
    };
    const jail = await stage.sandbox.create({ ...program, id: "first", snapshotted: true, onConnection });
    const output = [textOf(jail.stdout), textOf(jail.stderr)];
    await asks.promise;
    assert.ok(jail.snapshot !== undefined);
    snapshot = await jail.snapshot();
    assert.equal((await jail.exited).signal, "SIGKILL");
    await jail.destroy();
    said.push(...(await Promise.all(output)));
  });
  after(() => stage?.close());

  /** Runs a jail that goes on from a snapshot, to its end. */
  async function goOn(from: JailSnapshot, changes: Partial<JailSpec> = {}) {
    const id = `clone-${++count}`;
    const onConnection = (socket: Socket): void => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(id));
    };
    const jail = await stage.sandbox.create({ ...program, id, onConnection, from, ...changes });
    const output = [textOf(jail.stdout), textOf(jail.stderr)];
    const { status } = await jail.exited;
    await jail.destroy();
    const [stdout = "", stderr = ""] = await Promise.all(output);
    return { id, status, told: JSON.parse(stdout) as unknown[], hostname: stderr.trim() };
  }

  function check({ id, status, told, hostname }: Awaited<ReturnType<typeof goOn>>): void {
    const [answer, kept, asked, inTmp, code] = told;
    assert.deepEqual([answer, asked, inTmp, code], [id, 2, "in /tmp", "code"]);
    assert.match(String(kept), /^code \d+$/);
    assert.equal(hostname, id);
    // It has appended its name to a /tmp of its own.
    assert.equal(status, id.length);
  }

  test("what was said before it stays with the jail that it was taken of", () => {
    assert.deepEqual(said, ["initialised\n", ""]);
  });

  test("jails go on where it was taken, each with a /tmp of its own", async () => {
    for (const clone of await Promise.all([goOn(snapshot), goOn(snapshot)])) check(clone);
  });

  test("it can be written down, and loaded after it was released; what is damaged is refused", async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of snapshot.save()) chunks.push(chunk as Buffer);
    const whole = Buffer.concat(chunks);
    assert.ok(whole.length < 512 * 1024 * 1024, `${whole.length} bytes`);
    const { snapshots } = stage.sandbox;
    assert.ok(snapshots !== undefined);
    const loaded = await snapshots.load(inPieces(whole));
    check(await goOn(loaded));
    await loaded.release();
    for (const bad of [Buffer.alloc(0), Buffer.from("{}\n"), whole.subarray(0, whole.length - 1)]) {
      await assert.rejects(snapshots.load(inPieces(bad)), { code: "SNAPSHOT_UNFIT" });
    }
    const head = whole.indexOf(10);
    const other = Buffer.concat([
      Buffer.from(whole.toString("utf8", 0, head).replace(snapshots.kind, "another kind")),
      whole.subarray(head),
    ]);
    await assert.rejects(snapshots.load(inPieces(other)), { code: "SNAPSHOT_UNFIT", message: /another kind/ });
  });

  test("another program, another tree, a larger function cannot start from it", async () => {
    const unfit = { code: "SNAPSHOT_UNFIT" };
    await assert.rejects(goOn(snapshot, { env: {} }), unfit);
    await assert.rejects(goOn(snapshot, { tree: { ...program.tree, layers: program.tree?.code ?? "" } }), unfit);
    await assert.rejects(goOn(snapshot, { limits: { ...testLimits, memoryMB: 512 } }), unfit);
  });

  test("after its release nothing starts from it, and nothing of it is on the host", async () => {
    await snapshot.release();
    await snapshot.release();
    await assert.rejects(goOn(snapshot), { code: "SNAPSHOT_GONE" });
    // The drive of those that have none, which has no data.
    assert.deepEqual(readdirSync(join(stage.bench.runDir, "snapshots")), ["nothing"]);
    assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(`${stage.bench.runDir}/snapshots`));
  });
});
